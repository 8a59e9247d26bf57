// A plain generator, as one would write it in Node: each event is drawn by itself with
// @faker-js/faker and written with JSON.stringify. It is what the benchmark compares with.
//
//   node generate.mjs COUNT [USERS]
//
// It makes COUNT events of USERS users (5,000 unless told) in memory and prints one line of JSON:
// {"events":200000,"cpu_seconds":0.9,"bytes":26700000}. The clock is the processor time of the
// process, from the first event to the last; making the users does not count.
//
// It needs the npm package `@faker-js/faker` 10: `cargo xtask tools --peer` puts it into
// target/tools/faker/node_modules; the benchmark says where that is.
import { createRequire } from 'node:module';
import process from 'node:process';

const require = createRequire(`${process.env.FAKER_FOLDER}/`);
const { faker } = require('@faker-js/faker');

const count = Number(process.argv[2]);
const userCount = Number(process.argv[3] ?? 5000);
const FEATURES = ['dashboard', 'export', 'search', 'api_keys', 'reports', 'alerts', 'invite'];
const from = Date.UTC(2026, 0, 1);
const to = Date.UTC(2026, 3, 1);

faker.seed(42);
const users = Array.from({ length: userCount }, () =>
  faker.string.alpha({ length: 3, casing: 'upper' }) + faker.string.numeric(3));

function props(name) {
  switch (name) {
    case 'feature_used': return { feature: faker.helpers.arrayElement(FEATURES) };
    case 'session_end': return { durationSeconds: faker.number.int({ min: 20, max: 3600 }) };
    case 'invoice_paid': return { amount: faker.number.int({ min: 19, max: 499 }), currency: 'USD' };
    case 'ticket_opened':
      return {
        message: faker.lorem.sentence(6),
        sentiment: faker.number.float({ min: -1, max: 1, fractionDigits: 2 }),
        urgency: faker.helpers.arrayElement(['low', 'medium', 'high']),
      };
    default: return {};
  }
}

function event() {
  const name = faker.helpers.weightedArrayElement([
    { weight: 18, value: 'session_start' },
    { weight: 62, value: 'feature_used' },
    { weight: 18, value: 'session_end' },
    { weight: 1, value: 'invoice_paid' },
    { weight: 1, value: 'ticket_opened' },
  ]);
  return {
    id: `evt_${faker.string.hexadecimal({ length: 16, casing: 'lower', prefix: '' })}`,
    ts: faker.date.between({ from, to }).toISOString(),
    userId: faker.helpers.arrayElement(users),
    name,
    props: props(name),
  };
}

let bytes = 0;
function make(upTo) {
  for (let index = 0; index < upTo; index += 1) {
    bytes += JSON.stringify(event()).length + 1;
  }
}

// Compiled by then.
make(Math.min(count, 20000));
bytes = 0;
const before = process.cpuUsage();
make(count);
const used = process.cpuUsage(before);
console.log(JSON.stringify({ events: count, cpu_seconds: (used.user + used.system) / 1e6, bytes }));
