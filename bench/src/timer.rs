//! A timer finer than tokio's, whose grain is 1 ms: one timerfd for all waiting handlers, so that
//! a handler that waits costs a heap entry and no thread.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::sync::oneshot;

/// What waking a sleeping thread takes, about.
const SOON: Duration = Duration::from_micros(60);

struct Fd(TimerFd);

impl AsRawFd for Fd {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_fd().as_raw_fd()
    }
}

struct Entry(Instant, oneshot::Sender<()>);

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl Eq for Entry {}
impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Entry {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

struct Inner {
    fd: AsyncFd<Fd>,
    waiting: Mutex<BinaryHeap<Reverse<Entry>>>,
}

/// Waits of microseconds.
#[derive(Clone)]
pub struct Timer(Arc<Inner>);

impl Timer {
    /// Starts the task that wakes who is due.
    #[expect(
        deprecated,
        reason = "its successor is unsafe; `Fd` owns its descriptor and gives out no other"
    )]
    pub fn start() -> anyhow::Result<Self> {
        let fd = TimerFd::new(
            ClockId::CLOCK_MONOTONIC,
            TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC,
        )?;
        let fd = AsyncFd::with_interest(Fd(fd), Interest::READABLE)?;
        let timer = Timer(Arc::new(Inner { fd, waiting: Mutex::default() }));
        tokio::spawn(timer.clone().run());
        Ok(timer)
    }

    /// Resolves when the time has passed, never before.
    pub async fn sleep(&self, time: Duration) {
        let due = Instant::now() + time;
        let (wake, woken) = oneshot::channel();
        {
            let mut waiting = self.lock();
            let first = waiting.peek().is_none_or(|Reverse(e)| due < e.0);
            waiting.push(Reverse(Entry(due, wake)));
            if first {
                self.arm(time);
            }
        }
        let _ = woken.await;
    }

    async fn run(self) {
        loop {
            let Ok(mut ready) = self.0.fd.readable().await else { return };
            let _ = self.0.fd.get_ref().0.wait();
            ready.clear_ready();
            while self.wake_due() {
                tokio::task::yield_now().await;
            }
        }
    }

    /// Wakes who is due; true if the next is due before the system could wake this task for it.
    fn wake_due(&self) -> bool {
        let now = Instant::now();
        let mut waiting = self.lock();
        while let Some(Reverse(Entry(due, _))) = waiting.peek() {
            if *due > now {
                let left = *due - now;
                if left < SOON {
                    return true;
                }
                self.arm(left);
                break;
            }
            if let Some(Reverse(Entry(_, wake))) = waiting.pop() {
                let _ = wake.send(());
            }
        }
        false
    }

    fn arm(&self, time: Duration) {
        let time = TimeSpec::from_duration(time.max(Duration::from_micros(1)));
        let _ = self.0.fd.get_ref().0.set(Expiration::OneShot(time), TimerSetTimeFlags::empty());
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BinaryHeap<Reverse<Entry>>> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
