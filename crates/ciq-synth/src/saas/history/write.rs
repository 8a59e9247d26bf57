//! A history written down, on several threads.
//!
//! Day by day: the threads live the day, each with its own users; then they put slices of time in
//! order and write them down, by turns, while the caller's thread hands out the parts.

use std::ops::{ControlFlow, Range};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use super::crowd::{Crowd, sort};
use super::{History, HistorySettings};
use crate::saas::life::World;
use crate::saas::{Event, Renderer};

/// More threads than this are not used.
const THREADS_MAX: usize = 64;

/// Fewer users than this are not worth a thread.
const USERS_PER_THREAD: usize = 256;

/// How many written slices of a thread may wait to be handed out.
const WAITING_SLICES: usize = 8;

/// A part of a history, written down.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// The events, in order.
    pub events: &'a [Event],
    /// Their lines, one after the other.
    pub bytes: &'a [u8],
    /// Where in `bytes` the line of each event ends.
    pub ends: &'a [u32],
}

/// A part that owns its memory, which is used again and again.
#[derive(Debug, Default)]
struct Page {
    events: Vec<Event>,
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl Page {
    /// Writes the events down.
    fn render(&mut self, renderer: &Renderer) {
        self.bytes.clear();
        self.ends.clear();
        for event in &self.events {
            renderer.render(event, &mut self.bytes);
            self.ends.push(u32::try_from(self.bytes.len()).unwrap_or(u32::MAX));
        }
    }

    /// Hands it out, unless there is nothing in it.
    fn hand_out(&self, out: &mut dyn FnMut(Part<'_>) -> ControlFlow<()>) -> ControlFlow<()> {
        if self.events.is_empty() {
            return ControlFlow::Continue(());
        }
        out(Part { events: &self.events, bytes: &self.bytes, ends: &self.ends })
    }
}

/// Writes a history down on some threads, and hands its parts out in order of time until told to
/// stop. The bytes are the same for any number of threads, and those of shards of users, joined in
/// order of time, user and sequence, are those of all of them.
pub fn write_history(
    settings: &HistorySettings,
    users: Range<u32>,
    threads: usize,
    renderer: &Renderer,
    out: &mut dyn FnMut(Part<'_>) -> ControlFlow<()>,
) {
    let threads = threads.clamp(1, THREADS_MAX).min(users.len() / USERS_PER_THREAD + 1);
    let flow = if threads == 1 {
        write_alone(History::new(settings, users), renderer, out)
    } else {
        write_together(settings, users, threads, &mut Writer { renderer, out })
    };
    debug_assert!(flow.is_continue() || flow.is_break(), "either is a good end");
}

/// Writes on the caller's thread.
fn write_alone(
    mut history: History,
    renderer: &Renderer,
    out: &mut dyn FnMut(Part<'_>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let mut page = Page::default();
    while history.next_events(&mut page.events) {
        page.render(renderer);
        page.hand_out(out)?;
    }
    ControlFlow::Continue(())
}

/// How parts are written and where they go to.
struct Writer<'a> {
    renderer: &'a Renderer,
    out: &'a mut dyn FnMut(Part<'_>) -> ControlFlow<()>,
}

/// Writes on several threads.
fn write_together(
    settings: &HistorySettings,
    users: Range<u32>,
    threads: usize,
    writer: &mut Writer<'_>,
) -> ControlFlow<()> {
    let world = super::density::world(settings);
    let slices = super::slices_per_day(settings, &world, users.len());
    let mut crowds = begin(&world, &shards(users, threads), slices);
    for step in 0..world.calendar.days() {
        crowds = live(&world, crowds, step);
        write_day(&crowds, slices as usize, writer)?;
        crowds.iter_mut().for_each(Crowd::end_day);
    }
    ControlFlow::Continue(())
}

/// Cuts users into ranges of nearly equal length.
fn shards(users: Range<u32>, count: usize) -> Vec<Range<u32>> {
    let length = u32::try_from(users.len().div_ceil(count)).unwrap_or(u32::MAX).max(1);
    let starts = users.clone().step_by(length as usize);
    starts.map(|start| start..start.saturating_add(length).min(users.end)).collect()
}

/// Begins the lives of all shards.
fn begin(world: &World, shards: &[Range<u32>], slices: u32) -> Vec<Crowd> {
    thread::scope(|scope| {
        let begin = |users: &Range<u32>| {
            let users = users.clone();
            scope.spawn(move || Crowd::new(world, users, slices))
        };
        let handles: Vec<_> = shards.iter().map(begin).collect();
        handles.into_iter().map(joined).collect()
    })
}

/// Lives one day. Each thread owns its crowd meanwhile: the lengths of two crowds' buffers, side by
/// side in memory, would be written by two processors in turn.
fn live(world: &World, crowds: Vec<Crowd>, step: i32) -> Vec<Crowd> {
    thread::scope(|scope| {
        let live = |mut crowd: Crowd| {
            scope.spawn(move || {
                crowd.live(world, step);
                crowd
            })
        };
        let handles: Vec<_> = crowds.into_iter().map(live).collect();
        handles.into_iter().map(joined).collect()
    })
}

/// Returns what a thread made, and passes its panic on.
fn joined<T>(handle: thread::ScopedJoinHandle<'_, T>) -> T {
    handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Writes the day that was lived last: each thread every n-th slice.
fn write_day(crowds: &[Crowd], slices: usize, writer: &mut Writer<'_>) -> ControlFlow<()> {
    let threads = crowds.len();
    let renderer = writer.renderer;
    thread::scope(|scope| {
        let mut ends = Vec::new();
        for first in 0..threads {
            let (full_tx, full) = sync_channel(WAITING_SLICES);
            let (empty, empty_rx) = sync_channel(WAITING_SLICES + 2);
            let turns = (first..slices).step_by(threads);
            scope.spawn(move || write_slices(crowds, turns, renderer, (&full_tx, &empty_rx)));
            ends.push((full, empty));
        }
        for slice in 0..slices {
            let (full, empty) = &ends[slice % threads];
            // A thread that fails ends the scope with its panic.
            let Ok(page) = full.recv() else { return ControlFlow::Break(()) };
            page.hand_out(writer.out)?;
            // A thread that has written all of its slices needs no more pages.
            drop(empty.try_send(page));
        }
        ControlFlow::Continue(())
    })
}

/// Writes some slices, and sends them off until nobody wants them.
fn write_slices(
    crowds: &[Crowd],
    slices: impl Iterator<Item = usize>,
    renderer: &Renderer,
    (full, empty): (&SyncSender<Page>, &Receiver<Page>),
) {
    for slice in slices {
        let mut page = empty.try_recv().unwrap_or_default();
        page.events.clear();
        for crowd in crowds {
            page.events.extend_from_slice(crowd.slice(slice));
        }
        sort(&mut page.events);
        page.render(renderer);
        if full.send(page).is_err() {
            return;
        }
    }
}
