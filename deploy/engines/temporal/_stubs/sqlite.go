package sqlite

const PluginName = "sqlite"
