"""Questions in the domain's words that several rules ask: which tables are tenants', who the app is."""
