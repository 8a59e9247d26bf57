//! The events of a run, in a file: workers read them one by one, as from a wire.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use ciq_nats::Partitions;
use ciq_synth::{Seed, load::bench_event};

/// Partitions of the stream.
const PARTITIONS: u32 = 8;

/// How events are shared out among workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// A customer's events go to one worker, as partitions have it.
    ByCustomer,
    /// Any event goes to any worker.
    Any,
}

/// Events on disk, in their order.
pub(crate) struct Events {
    file: File,
    /// Where each begins, and where the last one ends.
    offsets: Vec<u64>,
    /// The partition of each.
    partitions: Vec<u8>,
}

impl Events {
    /// Writes `count` events of `customers` customers.
    pub(crate) fn write(path: &Path, count: u64, customers: u64) -> Self {
        let sorted = Partitions::new(PARTITIONS).unwrap();
        let mut out = BufWriter::with_capacity(1 << 20, File::create(path).unwrap());
        let (mut offsets, mut partitions) = (vec![0], Vec::new());
        let mut end = 0;
        for index in 0..count {
            let body = bench_event(Seed::new(1), index, customers);
            out.write_all(&body).unwrap();
            end += body.len() as u64;
            offsets.push(end);
            partitions.push(u8::try_from(sorted.of(customer_of(&body))).unwrap());
        }
        out.flush().unwrap();
        Self { file: File::open(path).unwrap(), offsets, partitions }
    }

    /// Returns how many there are.
    pub(crate) fn count(&self) -> usize {
        self.partitions.len()
    }

    /// Reads one.
    pub(crate) fn body(&self, index: usize) -> Vec<u8> {
        let (begin, end) = (self.offsets[index], self.offsets[index + 1]);
        let mut body = vec![0; usize::try_from(end - begin).unwrap()];
        self.file.read_exact_at(&mut body, begin).unwrap();
        body
    }

    /// Shares a part of the events out among workers.
    pub(crate) fn shares(
        &self,
        part: Range<usize>,
        worker_count: usize,
        sharing: Sharing,
    ) -> Vec<Vec<usize>> {
        let mut shares = vec![Vec::new(); worker_count];
        for index in part {
            let number = match sharing {
                Sharing::ByCustomer => usize::from(self.partitions[index]),
                Sharing::Any => index,
            };
            shares[number % worker_count].push(index);
        }
        shares
    }
}

/// The id of an envelope's customer, which stands first.
fn customer_of(body: &[u8]) -> &str {
    let text = std::str::from_utf8(body).unwrap();
    text.split_once("\"customer_id\":\"").unwrap().1.split('"').next().unwrap()
}
