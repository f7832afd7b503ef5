//! The only unsafe code of the crate: one queue of our own that all assigned partitions feed.
//!
//! A `BaseConsumer::poll` costs one call, one event and several locks a record. Forwarding each
//! partition's queue to one queue and taking whole batches from it costs half the CPU. rdkafka
//! has no safe interface for this, so these few lines wrap librdkafka's calls. The rules that
//! make them sound:
//!
//! - [`Queue`] keeps the client alive, so a queue or a message is never used after its client.
//! - A message is owned by exactly one [`KafkaRecord`] and destroyed when that is dropped.
//! - Forwarding ends before the queue goes, and the queue before the client does: an assignment
//!   can still arrive while the client closes ([`Queue::stop_forwarding`]).
#![expect(unsafe_code, reason = "librdkafka's batch interface; see the module's rules")]

use std::collections::HashSet;
use std::ffi::{CStr, CString, c_void};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::util::Timeout;
use rdkafka_sys as sys;
use tokio::sync::Notify;

use super::context::Context;
use crate::meta::Header;
use crate::transport::TopicPartition;

/// A client of librdkafka with its batch queue.
pub(super) struct Queue {
    queue: NonNull<sys::rd_kafka_queue_t>,
    consumer: BaseConsumer<Context>,
    forwarded: Mutex<HashSet<TopicPartition>>,
    stopped: AtomicBool,
    /// What the queue's callback points to: it must live as long as the queue.
    _wake: Arc<Notify>,
}

// SAFETY: librdkafka's queues and clients may be used from any thread.
unsafe impl Send for Queue {}
// SAFETY: as above; `forwarded` has its own lock.
unsafe impl Sync for Queue {}

extern "C" fn wake_up(_client: *mut sys::rd_kafka_t, wake: *mut c_void) {
    // SAFETY: `wake` is the `Notify` that `Queue::_wake` keeps alive longer than the queue.
    unsafe { &*wake.cast::<Notify>() }.notify_one();
}

impl Queue {
    pub(super) fn new(consumer: BaseConsumer<Context>, wake: Arc<Notify>) -> Self {
        let client = consumer.client().native_ptr();
        // SAFETY: `client` is alive; librdkafka never returns null here (it aborts on no memory).
        let queue = unsafe { NonNull::new_unchecked(sys::rd_kafka_queue_new(client)) };
        // SAFETY: both pointers are alive until `drop`, which disables the callback first.
        unsafe {
            let wake = Arc::as_ptr(&wake).cast_mut().cast();
            sys::rd_kafka_queue_cb_event_enable(queue.as_ptr(), Some(wake_up), wake);
        }
        let forwarded = Mutex::default();
        Queue { queue, consumer, forwarded, stopped: AtomicBool::new(false), _wake: wake }
    }

    pub(super) fn consumer(&self) -> &BaseConsumer<Context> {
        &self.consumer
    }

    /// Lets a partition feed this queue. Called before its assignment is applied, so that no
    /// record strays to the client's own queue.
    pub(super) fn forward(&self, partition: &TopicPartition) {
        if !self.stopped.load(Ordering::Acquire) {
            self.point(partition, self.queue.as_ptr());
            self.lock().insert(partition.clone());
        }
    }

    /// No partition feeds this queue any more, nor will any.
    pub(super) fn stop_forwarding(&self) {
        self.stopped.store(true, Ordering::Release);
        let forwarded = std::mem::take(&mut *self.lock());
        for partition in &forwarded {
            self.point(partition, ptr::null_mut());
        }
    }

    fn point(&self, partition: &TopicPartition, to: *mut sys::rd_kafka_queue_t) {
        let Ok(topic) = CString::new(partition.topic.as_str()) else { return };
        let client = self.consumer.client().native_ptr();
        // SAFETY: all pointers are alive; the partition's queue is released after use.
        unsafe {
            let own =
                sys::rd_kafka_queue_get_partition(client, topic.as_ptr(), partition.partition);
            if !own.is_null() {
                sys::rd_kafka_queue_forward(own, to);
                sys::rd_kafka_queue_destroy(own);
            }
        }
    }

    /// Appends up to `most` records; never waits.
    pub(super) fn take(
        self: &Arc<Self>,
        most: usize,
        raw: &mut Vec<*mut sys::rd_kafka_message_t>,
        mut each: impl FnMut(KafkaRecord),
        mut error: impl FnMut(KafkaError, &str),
    ) -> usize {
        raw.clear();
        raw.reserve(most);
        // SAFETY: `raw` has room for `most` pointers, and the call writes as many as it returns.
        let taken = unsafe {
            let n =
                sys::rd_kafka_consume_batch_queue(self.queue.as_ptr(), 0, raw.as_mut_ptr(), most);
            let n = usize::try_from(n).unwrap_or(0);
            raw.set_len(n);
            n
        };
        for message in raw.drain(..) {
            let Some(message) = NonNull::new(message) else { continue };
            let record = KafkaRecord { message, _queue: self.clone() };
            match record.error() {
                None => each(record),
                Some(code) => error(KafkaError::MessageConsumption(code), record.topic()),
            }
        }
        taken
    }

    /// The partition's end as the last fetch told it; none where there was none yet.
    pub(super) fn cached_end(&self, partition: &TopicPartition) -> Option<i64> {
        let topic = CString::new(partition.topic.as_str()).ok()?;
        let (mut low, mut high) = (0, 0);
        let client = self.consumer.client().native_ptr();
        // SAFETY: all pointers are alive during the call.
        let code = unsafe {
            sys::rd_kafka_get_watermark_offsets(
                client,
                topic.as_ptr(),
                partition.partition,
                &mut low,
                &mut high,
            )
        };
        (code == sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0).then_some(high)
    }

    /// Starts a commit whose answer is served to the context. `BaseConsumer::commit` has no answer
    /// when it is asynchronous: librdkafka gives one only to a queue that is named.
    pub(super) fn commit(&self, offsets: &TopicPartitionList) -> KafkaResult<()> {
        let client = self.consumer.client().native_ptr();
        // SAFETY: all pointers are alive during the call; the list is copied, and the queue is
        // counted by the commit under way.
        let code = unsafe {
            let answers = sys::rd_kafka_queue_get_consumer(client);
            let code =
                sys::rd_kafka_commit_queue(client, offsets.ptr(), answers, None, ptr::null_mut());
            sys::rd_kafka_queue_destroy(answers);
            code
        };
        match code {
            sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR => Ok(()),
            code => Err(KafkaError::ConsumerCommit(code.into())),
        }
    }

    /// Serves what is not a record: rebalances, commit answers, errors. Says whether all is well:
    /// nothing is fetched into the client's own queue, for every partition feeds ours.
    pub(super) fn serve(&self) -> Result<(), &'static str> {
        match self.consumer.poll(Timeout::After(std::time::Duration::ZERO)) {
            Some(Ok(_stray)) => Err("a record strayed to the client's own queue"),
            // The context has been told, in more words.
            Some(Err(_)) | None => Ok(()),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashSet<TopicPartition>> {
        self.forwarded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.stop_forwarding();
        // SAFETY: nothing feeds the queue any more, and every record that came from it is gone,
        // for each keeps the queue alive. The client is dropped after this.
        unsafe {
            sys::rd_kafka_queue_cb_event_enable(self.queue.as_ptr(), None, ptr::null_mut());
            sys::rd_kafka_queue_destroy(self.queue.as_ptr());
        }
    }
}

/// A message in librdkafka's memory.
pub struct KafkaRecord {
    message: NonNull<sys::rd_kafka_message_t>,
    _queue: Arc<Queue>,
}

// SAFETY: a message is plain memory with a reference count of librdkafka's own, which is atomic.
unsafe impl Send for KafkaRecord {}
// SAFETY: reading is reading, but for headers, which are parsed at first use: see `headers`.
unsafe impl Sync for KafkaRecord {}

impl KafkaRecord {
    fn raw(&self) -> &sys::rd_kafka_message_t {
        // SAFETY: owned by `self` and alive until it is dropped.
        unsafe { self.message.as_ref() }
    }

    fn error(&self) -> Option<RDKafkaErrorCode> {
        let code = self.raw().err;
        (code != sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR).then(|| code.into())
    }

    pub(crate) fn topic(&self) -> &str {
        // SAFETY: a consumed message has a topic, whose name lives as long as the message.
        let name = unsafe { CStr::from_ptr(sys::rd_kafka_topic_name(self.raw().rkt)) };
        name.to_str().unwrap_or_default()
    }

    pub(crate) fn topic_tag(&self) -> usize {
        self.raw().rkt as usize
    }

    pub(crate) fn partition(&self) -> i32 {
        self.raw().partition
    }

    pub(crate) fn offset(&self) -> i64 {
        self.raw().offset
    }

    pub(crate) fn key(&self) -> Option<&[u8]> {
        slice(self.raw().key, self.raw().key_len)
    }

    pub(crate) fn payload(&self) -> Option<&[u8]> {
        slice(self.raw().payload, self.raw().len)
    }

    pub(crate) fn timestamp_millis(&self) -> i64 {
        // SAFETY: the message is alive; a null type pointer is allowed.
        unsafe { sys::rd_kafka_message_timestamp(self.message.as_ptr(), ptr::null_mut()) }
    }

    pub(crate) fn headers(&self) -> Vec<Header> {
        /// The first call parses the headers inside the message: not from two threads at once.
        static PARSING: Mutex<()> = Mutex::new(());
        let _turn = PARSING.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = Vec::new();
        let mut headers = ptr::null_mut();
        // SAFETY: the message is alive, and so are the headers in it; every name ends with NUL,
        // and a value has the length that is told.
        unsafe {
            let code = sys::rd_kafka_message_headers(self.message.as_ptr(), &mut headers);
            if code != sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR {
                return found;
            }
            let (mut name, mut value, mut len) = (ptr::null(), ptr::null(), 0);
            while sys::rd_kafka_header_get_all(
                headers,
                found.len(),
                &mut name,
                &mut value,
                &mut len,
            ) == sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR
            {
                let name = CStr::from_ptr(name).to_string_lossy().into_owned();
                let value = slice(value, len).unwrap_or_default();
                found.push((name, value.to_vec()));
            }
        }
        found
    }
}

/// A piece of a message's memory; null is "none", as opposed to empty.
fn slice<'a>(at: *const c_void, len: usize) -> Option<&'a [u8]> {
    // SAFETY: called with pointers and lengths of one message, which outlives the borrow of the
    // record that the callers' signatures tie the slice to.
    (!at.is_null()).then(|| unsafe { std::slice::from_raw_parts(at.cast(), len) })
}

impl Drop for KafkaRecord {
    fn drop(&mut self) {
        // SAFETY: owned by `self`, destroyed once.
        unsafe { sys::rd_kafka_message_destroy(self.message.as_ptr()) }
    }
}
