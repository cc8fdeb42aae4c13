"""schemaguard.yaml, read into a typed policy; every error has its line."""

from schemaguard.config.errors import ConfigError, ConfigErrors
from schemaguard.config.load import CONFIG_NAMES, find_config, parse_config, read_config
from schemaguard.config.policy import Policy, Source

__all__ = [
    "CONFIG_NAMES",
    "ConfigError",
    "ConfigErrors",
    "Policy",
    "Source",
    "find_config",
    "parse_config",
    "read_config",
]
