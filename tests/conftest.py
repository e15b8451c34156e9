"""Shared helpers of the tests live beside this file, which puts their folder on the import path."""
