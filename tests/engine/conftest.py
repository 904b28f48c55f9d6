"""Makes what drives the engine, beside this file, importable in the tests of every room."""
