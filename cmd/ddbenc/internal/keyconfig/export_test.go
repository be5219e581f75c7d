package keyconfig

// YAMLToJSON is exported for the fuzz test.
var YAMLToJSON = yamlToJSON
