"""Shelf: how each table is made. One file a table: it says what is read, with which options, and how one shard is made.

`NAME(project, partition) -> Plan` plans one partition; the rest is the same for all of them (headwater/pipeline.py).
"""
