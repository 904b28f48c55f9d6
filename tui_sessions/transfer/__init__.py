"""Importers and exporters: between the histories of other programs and sessions of ours."""
