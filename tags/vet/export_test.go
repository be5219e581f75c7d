package vet

// New returns an analyzer whose flags are its own.
var New = newAnalyzer
