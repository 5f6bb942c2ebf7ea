"""The tables of a simulated world. Instants are whole milliseconds since 1970, UTC."""

from __future__ import annotations

SCHEMA_VERSION = 1

_SHOWN = """
CREATE TABLE {name} (
    id INTEGER PRIMARY KEY, status TEXT NOT NULL, billing_type TEXT NOT NULL, adjusted_ordered_at INTEGER,
    customer_id INTEGER, batch_id INTEGER, sub_cycle INTEGER, cust_cycle INTEGER, tracking_number TEXT,
    target_at INTEGER, created_at INTEGER, shipped_at INTEGER, is_ecom INTEGER, is_test INTEGER, is_gift INTEGER);
CREATE INDEX {name}_due ON {name} (status, billing_type, adjusted_ordered_at);
CREATE TABLE {name}_rows (id INTEGER PRIMARY KEY, row BLOB NOT NULL);
"""

SCHEMA = (
    """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, kind TEXT NOT NULL, payload BLOB NOT NULL);
CREATE INDEX events_due ON events (at_ms, seq);

-- Cratejoy: the truth
CREATE TABLE objects (kind TEXT, id INTEGER, doc BLOB NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE TABLE shipments (id INTEGER PRIMARY KEY, case_name TEXT, expected TEXT NOT NULL, doc BLOB NOT NULL);
CREATE INDEX shipments_case ON shipments (case_name);
CREATE TABLE parts (kind TEXT, id INTEGER, shipment_id INTEGER, PRIMARY KEY (kind, id, shipment_id)) WITHOUT ROWID;
CREATE INDEX parts_of ON parts (shipment_id);
-- what happened to it
CREATE TABLE puts (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, shipment_id INTEGER NOT NULL, before TEXT NOT NULL,
    tracking_number TEXT, mailed INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX puts_of ON puts (shipment_id);

-- the warehouse
CREATE TABLE floor_orders (
    reference TEXT PRIMARY KEY, order_number TEXT NOT NULL, state TEXT NOT NULL, picked INTEGER NOT NULL DEFAULT 0,
    received_ms INTEGER NOT NULL, visible_ms INTEGER NOT NULL, planted INTEGER NOT NULL DEFAULT 0, doc BLOB NOT NULL);
CREATE INDEX floor_orders_number ON floor_orders (order_number);
CREATE TABLE parcels (
    reference TEXT PRIMARY KEY, order_reference TEXT NOT NULL, order_number TEXT NOT NULL,
    tracking_number TEXT NOT NULL, changed_ms INTEGER NOT NULL, voided INTEGER NOT NULL DEFAULT 0, doc BLOB NOT NULL);
CREATE INDEX parcels_changed ON parcels (changed_ms, reference);
CREATE INDEX parcels_number ON parcels (order_number);
-- what happened there
CREATE TABLE received (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, order_number TEXT NOT NULL, answer TEXT NOT NULL,
    reference TEXT NOT NULL, doubled INTEGER NOT NULL DEFAULT 0, planted INTEGER NOT NULL DEFAULT 0,
    target_ms INTEGER);
CREATE INDEX received_number ON received (order_number);
CREATE TABLE cancels (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, order_number TEXT NOT NULL, answer TEXT NOT NULL,
    reason TEXT NOT NULL);
"""
    + _SHOWN.format(name="listing")
    + _SHOWN.format(name="reading")
)
