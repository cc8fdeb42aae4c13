"""What a check said before, kept between runs: the same question over the same files has the same answer."""
