// A plain subscriber, as one would write it in Node: a durable JetStream consumer that stores
// purchases in SQLite and acknowledges after the commit. It is what the benchmark compares with.
//
//   node subscriber.js SERVER_URL STREAM DURABLE DB_FILE COUNT [--batch N]
//
// It stores COUNT messages, N to a transaction (1 unless told), and prints one line of JSON:
// {"events":20000,"seconds":7.5}. The clock runs from the first message to the last commit;
// acknowledgements are sent within it and confirmed after it.
//
// It needs the npm packages `nats` 2 and `better-sqlite3`: `cargo xtask tools --peer` puts them
// into target/tools/peer/node_modules, which NODE_PATH then names.
'use strict';

const { AckPolicy, connect } = require('nats');
const Database = require('better-sqlite3');

/** The tables as the publishers' guide shows them, and search kept up by triggers. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS customers (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT, phone TEXT, company TEXT,
    status TEXT DEFAULT 'active', customer_since INTEGER NOT NULL,
    lifetime_value REAL DEFAULT 0, tags TEXT, custom_fields TEXT,
    created_at INTEGER, updated_at INTEGER);
  CREATE TABLE IF NOT EXISTS customer_events (
    id TEXT PRIMARY KEY, customer_id TEXT NOT NULL REFERENCES customers (id),
    event_type TEXT NOT NULL, event_date INTEGER NOT NULL, title TEXT, description TEXT,
    amount REAL, status TEXT, metadata TEXT, agent_notes TEXT, source_service TEXT,
    raw_event_data TEXT, created_at INTEGER);
  CREATE INDEX IF NOT EXISTS customer_events_by_customer
    ON customer_events (customer_id, event_date);
  CREATE TABLE IF NOT EXISTS purchases (
    id TEXT PRIMARY KEY, customer_id TEXT NOT NULL REFERENCES customers (id),
    product_name TEXT NOT NULL, product_sku TEXT, quantity INTEGER, price REAL, total REAL,
    purchase_date INTEGER, warranty_expires INTEGER, metadata TEXT, created_at INTEGER);
  CREATE INDEX IF NOT EXISTS purchases_by_customer ON purchases (customer_id, purchase_date);
  CREATE VIRTUAL TABLE IF NOT EXISTS customer_events_fts USING fts5 (
    title, description, content='customer_events', content_rowid='rowid');
  CREATE TRIGGER IF NOT EXISTS customer_events_search AFTER INSERT ON customer_events BEGIN
    INSERT INTO customer_events_fts (rowid, title, description)
    VALUES (new.rowid, new.title, new.description);
  END;`;

const INSERT_CUSTOMER = `
  INSERT INTO customers (id, name, email, customer_since, created_at, updated_at)
  VALUES (@customer, @name, @email, @at, @now, @now)
  ON CONFLICT (id) DO NOTHING`;

const INSERT_EVENT = `
  INSERT INTO customer_events (id, customer_id, event_type, event_date, title, description,
    amount, metadata, source_service, raw_event_data, created_at)
  VALUES (@event, @customer, @type, @at, @title, @description,
    @total, @metadata, @source, @raw, @now)
  ON CONFLICT (id) DO NOTHING`;

const INSERT_PURCHASE = `
  INSERT INTO purchases (id, customer_id, product_name, product_sku, quantity, price, total,
    purchase_date, metadata, created_at)
  VALUES (@purchase, @customer, @product, @sku, @quantity, @price, @total,
    @at, @metadata, @now)
  ON CONFLICT (id) DO NOTHING`;

const UPDATE_CUSTOMER = `
  UPDATE customers
  SET lifetime_value = lifetime_value + @total, name = @name, email = @email, updated_at = @now
  WHERE id = @customer`;

/** How many messages the server may have on the way: two batches, or enough to hide the network. */
const inFlight = (batch) => Math.max(2 * batch, 500);

/** Opens the file and returns a function that stores messages in one transaction. */
function open(file) {
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
  db.exec(SCHEMA);
  const insertCustomer = db.prepare(INSERT_CUSTOMER);
  const insertEvent = db.prepare(INSERT_EVENT);
  const insertPurchase = db.prepare(INSERT_PURCHASE);
  const updateCustomer = db.prepare(UPDATE_CUSTOMER);
  const storeOne = (message) => {
    const row = rowOf(message);
    insertCustomer.run(row);
    // What was stored before is counted once, however often it is delivered.
    if (insertEvent.run(row).changes === 0) return;
    if (insertPurchase.run(row).changes === 1) updateCustomer.run(row);
  };
  const store = db.transaction((messages) => messages.forEach(storeOne));
  return { store: (messages) => store.immediate(messages), close: () => db.close() };
}

/** Reads a purchase into the values of its statements. */
function rowOf(message) {
  const raw = message.string();
  const { customer_id, event_type, timestamp, source_service, data, metadata } = JSON.parse(raw);
  return {
    event: message.headers?.get('Nats-Msg-Id') || `${message.info.stream}:${message.seq}`,
    customer: customer_id,
    type: event_type,
    at: timestamp,
    title: data.product_name,
    description: `${data.quantity} × ${data.product_name} (${data.product_sku})`,
    source: source_service,
    metadata: JSON.stringify(metadata),
    raw,
    name: data.customer_name,
    email: data.email,
    purchase: data.purchase_id,
    product: data.product_name,
    sku: data.product_sku,
    quantity: data.quantity,
    price: data.price,
    total: data.total,
    now: Math.floor(Date.now() / 1000),
  };
}

/** Returns the durable consumer, and makes it where it is not there. */
async function consumer(connection, stream, durable, batch) {
  const manager = await connection.jetstreamManager();
  await manager.consumers.add(stream, {
    durable_name: durable,
    ack_policy: AckPolicy.Explicit,
    max_ack_pending: inFlight(batch),
  });
  return connection.jetstream().consumers.get(stream, durable);
}

async function run({ url, stream, durable, file, count, batch }) {
  const connection = await connect({ servers: url });
  const database = open(file);
  const source = await consumer(connection, stream, durable, batch);
  const messages = await source.consume({ max_messages: inFlight(batch) });
  let stored = 0;
  let begin;
  let waiting = [];
  for await (const message of messages) {
    begin ??= process.hrtime.bigint();
    waiting.push(message);
    if (waiting.length < batch && stored + waiting.length < count) continue;
    database.store(waiting);
    waiting.forEach((one) => one.ack());
    stored += waiting.length;
    waiting = [];
    if (stored >= count) break;
  }
  const seconds = Number(process.hrtime.bigint() - (begin ?? 0n)) / 1e9;
  await connection.drain();
  database.close();
  return { events: stored, seconds };
}

/** Reads the command line; undefined where it makes no sense. */
function settings(args) {
  const at = args.indexOf('--batch');
  const batch = at < 0 ? 1 : Number(args.splice(at, 2)[1]);
  const [url, stream, durable, file] = args;
  const count = Number(args[4]);
  const isWhole = (number) => Number.isInteger(number) && number > 0;
  if (args.length !== 5 || !isWhole(count) || !isWhole(batch)) return undefined;
  return { url, stream, durable, file, count, batch };
}

const chosen = settings(process.argv.slice(2));
if (chosen === undefined) {
  console.error('usage: subscriber.js SERVER_URL STREAM DURABLE DB_FILE COUNT [--batch N]');
  process.exit(2);
}
run(chosen).then(
  (result) => console.log(JSON.stringify(result)),
  (error) => {
    console.error(`subscriber.js: ${error.message}`);
    process.exit(1);
  },
);
