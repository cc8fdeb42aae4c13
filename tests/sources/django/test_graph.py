"""
The graph of Django's migrations: order, squashes, other apps, and what is wrong with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sources.django.projects import source
from tests.sources.memory import MemoryTree

if TYPE_CHECKING:
    from schemaguard.sources.django import DjangoSource


def graph(files: dict[str, str]) -> DjangoSource:
    """Read migrations of which only the place in the graph matters, by `app/name`."""
    tree: dict[str, str | bytes] = {}
    for key, body in files.items():
        app, name = key.split("/")
        tree[f"{app}/migrations/{name}.py"] = f"class Migration:\n    operations = []\n    {body}\n"
    return source(MemoryTree(tree))


def order(files: dict[str, str]) -> list[str]:
    """The names of the project's own migrations, in order."""
    return [each.name for each in graph(files).migrations if not each.migration.own]


def test_dependencies_across_apps() -> None:
    """Each after what it depends on; `run_before`, `__first__` and `__latest__` count, too."""
    assert order({
        "a/0001_x": 'dependencies = [("b", "0002_y")]',
        "a/0002_y": 'dependencies = [("a", "0001_x"), ("c", "__latest__")]',
        "b/0001_x": "initial = True",
        "b/0002_y": 'dependencies = [("b", "0001_x")]',
        "c/0001_x": 'run_before = [("b", "0001_x")]',
        "c/0002_y": 'dependencies = [("c", "0001_x"), ("b", "__first__"), ("c", "__first__")]',
    }) == ["c.0001_x", "b.0001_x", "b.0002_y", "a.0001_x", "c.0002_y", "a.0002_y"]  # fmt: skip


def test_squashed_migrations_stand_for_what_they_replace() -> None:
    """On an empty database the squashed one runs; whoever depends on what it replaces depends on it."""
    loaded = graph({
        "a/0001_x": "dependencies = []",
        "a/0002_y": 'dependencies = [("a", "0001_x"), ("b", "0001_x")]',
        "a/0001_squashed_0002_y": 'replaces = [("a", "0001_x"), ("a", "0002_y")]',
        "a/0001_squashed_again": 'replaces = [("a", "0001_squashed_0002_y"), ("a", "0000_gone")]',
        "a/0003_z": 'dependencies = [("a", "0002_y")]',
        "b/0001_x": "dependencies = []",
    })  # fmt: skip

    assert [each.name for each in loaded.migrations] == ["b.0001_x", "a.0001_squashed_again", "a.0003_z"]
    assert loaded.problems == []
    assert loaded.notes == [
        "not replayed, since squashed migrations stand for them: a.0001_squashed_0002_y, a.0001_x, a.0002_y"
    ]


def test_what_is_wrong() -> None:
    """Migrations that are not there, several ends of one app, circles."""
    loaded = graph({
        "a/0001_x": 'dependencies = [("a", "0000_none"), ("taggit", "0001_initial"), ("auth", "0001_initial")]',
        "a/0002_y": 'dependencies = [("a", "0001_x")]',
        "a/0002_z": 'dependencies = [("a", "0001_x")]',
        "b/0001_x": 'dependencies = [("b", "0002_y")]',
        "b/0002_y": 'dependencies = [("b", "0001_x")]',
    })  # fmt: skip

    assert [(problem.rule, problem.message) for problem in loaded.problems] == [
        ("revision-graph-broken", "a.0001_x depends on a.0000_none, and there is no such migration"),
        ("revision-graph-broken", "a.0001_x depends on taggit.0001_initial, and there is no such migration"),
        (
            "revision-graph-broken",
            "b.0002_y comes before itself: it depends on b.0001_x, which depends on it",
        ),
        ("multiple-heads", "the migrations of a end in 2 leaves (0002_y, 0002_z): `migrate` refuses"),
    ]
    assert len(loaded.migrations) > 5


@pytest.mark.parametrize(
    ("setting", "first"),
    [
        ("", "auth.0001_initial"),
        ('AUTH_USER_MODEL = "people.User"', "people.0001_initial"),
        ('AUTH_USER_MODEL: str = "people.User"', "people.0001_initial"),
    ],
)
def test_the_model_of_users(setting: str, first: str) -> None:
    """What depends on the model that the settings exchange comes after the app that has it."""
    swap = "dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]"
    loaded = source(
        MemoryTree({
            "shop/migrations/0001_a.py": f"class Migration:\n    operations = []\n    {swap}\n",
            "people/migrations/0001_initial.py": "class Migration:\n    operations = []\n",
            "config/settings.py": f"{setting}\n",
            "config/broken.py": "AUTH_USER_MODEL = (\n",
        })
    )  # fmt: skip
    names = [each.name for each in loaded.migrations]

    assert names.index(first) < names.index("shop.0001_a")
    assert ("auth.0001_initial" in names) is (first == "auth.0001_initial")


def test_labels_and_lists() -> None:
    """The label of an app that its `AppConfig` gives; lists that are added up."""
    loaded = source(
        MemoryTree({
            "app/apps.py": "class C(AppConfig):\n    name = 'app'\n    label: str = 'shop'\n",
            "app/migrations/0001_a.py": "class Migration:\n    operations = []\n    atomic = False\n",
            "app/migrations/0002_b.py": (
                "class Migration:\n    operations = []\n"
                "    dependencies = [('shop', '0001_a')] + [migrations.swappable_dependency('shop.Thing')]\n"
            ),
        })
    )  # fmt: skip

    assert [each.name for each in loaded.migrations] == ["shop.0001_a", "shop.0002_b"]
    assert [each.transactional for each in loaded.migrations] == [False, True]
    assert loaded.problems == []


def test_installed_apps_of_django() -> None:
    """Django's own apps that the settings install are replayed, though nothing depends on them."""
    loaded = source(
        MemoryTree({
            "shop/migrations/0001_a.py": "class Migration:\n    operations = []\n",
            "config/settings.py": "INSTALLED_APPS = ['django.contrib.sessions', 'shop']\n",
        })
    )  # fmt: skip

    own = [each for each in loaded.migrations if each.migration.own]
    assert [(each.name, each.origin, each.has_down) for each in own] == [
        ("sessions.0001_initial", "django.contrib.sessions", None)
    ]


def test_unmerged_leaves_the_other_way_round() -> None:
    """Where an app has two leaves, there is another order, and the rest is the same."""
    files = {
        "a/0001_x": "dependencies = []",
        "a/0002_y": 'dependencies = [("a", "0001_x")]',
        "a/0002_z": 'dependencies = [("a", "0001_x")]',
        "b/0001_x": 'dependencies = [("a", "0002_z")]',
    }
    loaded = graph(files)

    assert [each.name for each in loaded.migrations] == ["a.0001_x", "a.0002_y", "a.0002_z", "b.0001_x"]
    assert [each.name for each in loaded.swapped] == ["a.0001_x", "a.0002_z", "a.0002_y", "b.0001_x"]
    assert [name for name, _span in loaded.heads] == ["a.0002_y", "a.0002_z"]
    del files["a/0002_y"]
    assert graph(files).swapped == []
