//! The rules on a broker. rdkafka has no safe interface for them, so these few calls wrap
//! librdkafka's. The rules that make them sound: the client outlives every call; each thing made
//! here is destroyed once, by its guard; what a result points to is copied before its event goes.
#![expect(unsafe_code, reason = "librdkafka's interface for ACLs; see the module's rules")]

use std::ffi::{CStr, CString, c_char};
use std::ptr;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use rdkafka_sys as sys;
use sys::rd_kafka_AclOperation_t as Op;
use sys::rd_kafka_AclPermissionType_t as Permission;
use sys::rd_kafka_ResourcePatternType_t as Pattern;
use sys::rd_kafka_ResourceType_t as Type;

use super::rule::{Beyond, Operation, Resource, Rule};
use crate::broker::Admin;

const PATIENCE: Duration = Duration::from_secs(30);

const RESOURCES: [(Resource, Type); 4] = [
    (Resource::Topic, Type::RD_KAFKA_RESOURCE_TOPIC),
    (Resource::Group, Type::RD_KAFKA_RESOURCE_GROUP),
    (Resource::Cluster, Type::RD_KAFKA_RESOURCE_BROKER),
    (Resource::TransactionalId, Type::RD_KAFKA_RESOURCE_TRANSACTIONAL_ID),
];
const OPERATIONS: [(Operation, Op); 11] = [
    (Operation::All, Op::RD_KAFKA_ACL_OPERATION_ALL),
    (Operation::Read, Op::RD_KAFKA_ACL_OPERATION_READ),
    (Operation::Write, Op::RD_KAFKA_ACL_OPERATION_WRITE),
    (Operation::Create, Op::RD_KAFKA_ACL_OPERATION_CREATE),
    (Operation::Delete, Op::RD_KAFKA_ACL_OPERATION_DELETE),
    (Operation::Alter, Op::RD_KAFKA_ACL_OPERATION_ALTER),
    (Operation::Describe, Op::RD_KAFKA_ACL_OPERATION_DESCRIBE),
    (Operation::ClusterAction, Op::RD_KAFKA_ACL_OPERATION_CLUSTER_ACTION),
    (Operation::DescribeConfigs, Op::RD_KAFKA_ACL_OPERATION_DESCRIBE_CONFIGS),
    (Operation::AlterConfigs, Op::RD_KAFKA_ACL_OPERATION_ALTER_CONFIGS),
    (Operation::IdempotentWrite, Op::RD_KAFKA_ACL_OPERATION_IDEMPOTENT_WRITE),
];

/// The rules that the broker has for this user.
pub(super) fn of(admin: &Admin, user: &str) -> anyhow::Result<Vec<Rule>> {
    let filter = Binding::every(user)?;
    let event = ask(admin, |client, queue| {
        // SAFETY: all pointers are alive during the call, which copies the filter.
        unsafe { sys::rd_kafka_DescribeAcls(client, filter.0, ptr::null(), queue) }
    })?;
    let mut count = 0;
    // SAFETY: the event is that of the request above, and its result lives as long as it does.
    let bindings = unsafe {
        let result = sys::rd_kafka_event_DescribeAcls_result(event.0);
        list(sys::rd_kafka_DescribeAcls_result_acls(result, &mut count), count)
    };
    Ok(bindings.iter().filter_map(|binding| rule(*binding)).collect())
}

/// Adds rules.
pub(super) fn add(admin: &Admin, rules: &[&Rule]) -> anyhow::Result<()> {
    if rules.is_empty() {
        return Ok(());
    }
    let bindings: Vec<Binding> =
        rules.iter().map(|rule| Binding::new(rule)).collect::<Result<_, _>>()?;
    let mut raw: Vec<_> = bindings.iter().map(|binding| binding.0).collect();
    let event = ask(admin, |client, queue| {
        // SAFETY: all pointers are alive during the call, which copies the rules.
        unsafe { sys::rd_kafka_CreateAcls(client, raw.as_mut_ptr(), raw.len(), ptr::null(), queue) }
    })?;
    let mut count = 0;
    // SAFETY: as above; the answers are those to the rules, in their order.
    unsafe {
        let result = sys::rd_kafka_event_CreateAcls_result(event.0);
        let answers = list(sys::rd_kafka_CreateAcls_result_acls(result, &mut count), count);
        for (answer, rule) in answers.iter().zip(rules) {
            told(sys::rd_kafka_acl_result_error(*answer)).with_context(|| rule.to_string())?;
        }
    }
    Ok(())
}

/// Takes rules away.
pub(super) fn remove(admin: &Admin, rules: &[&Rule]) -> anyhow::Result<()> {
    if rules.is_empty() {
        return Ok(());
    }
    let filters: Vec<Binding> =
        rules.iter().map(|rule| Binding::filter(rule)).collect::<Result<_, _>>()?;
    let mut raw: Vec<_> = filters.iter().map(|filter| filter.0).collect();
    let event = ask(admin, |client, queue| {
        // SAFETY: all pointers are alive during the call, which copies the filters.
        unsafe { sys::rd_kafka_DeleteAcls(client, raw.as_mut_ptr(), raw.len(), ptr::null(), queue) }
    })?;
    let mut count = 0;
    // SAFETY: as above.
    unsafe {
        let result = sys::rd_kafka_event_DeleteAcls_result(event.0);
        let answers = list(sys::rd_kafka_DeleteAcls_result_responses(result, &mut count), count);
        for (answer, rule) in answers.iter().zip(rules) {
            told(sys::rd_kafka_DeleteAcls_result_response_error(*answer))
                .with_context(|| rule.to_string())?;
        }
    }
    Ok(())
}

/// Sends a request and waits for its answer.
fn ask(
    admin: &Admin,
    send: impl FnOnce(*mut sys::rd_kafka_t, *mut sys::rd_kafka_queue_t),
) -> anyhow::Result<Event> {
    let client = admin.inner().native_ptr();
    // SAFETY: the client is alive; librdkafka never returns null here.
    let queue = Queue(unsafe { sys::rd_kafka_queue_new(client) });
    send(client, queue.0);
    let patience = i32::try_from(PATIENCE.as_millis()).unwrap_or(i32::MAX);
    // SAFETY: the queue is alive.
    let event = Event(unsafe { sys::rd_kafka_queue_poll(queue.0, patience) });
    if event.0.is_null() {
        bail!("{}", refused(admin, format!("no answer within {PATIENCE:?}")));
    }
    // SAFETY: the event is alive, and so are its words.
    let (code, words) = unsafe {
        (
            sys::rd_kafka_event_error(event.0),
            CStr::from_ptr(sys::rd_kafka_event_error_string(event.0)).to_string_lossy(),
        )
    };
    match code {
        sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR => Ok(event),
        _ => Err(anyhow!("{}", refused(admin, words.into_owned()))),
    }
}

fn refused(admin: &Admin, otherwise: String) -> String {
    admin.inner().context().refused().unwrap_or(otherwise)
}

struct Queue(*mut sys::rd_kafka_queue_t);

impl Drop for Queue {
    fn drop(&mut self) {
        // SAFETY: made in `ask`, destroyed once.
        unsafe { sys::rd_kafka_queue_destroy(self.0) }
    }
}

struct Event(*mut sys::rd_kafka_event_t);

impl Drop for Event {
    fn drop(&mut self) {
        // SAFETY: ours since it was polled, destroyed once; null is allowed.
        unsafe { sys::rd_kafka_event_destroy(self.0) }
    }
}

/// A rule, or a filter for rules, as librdkafka holds it.
struct Binding(*mut sys::rd_kafka_AclBinding_t);

impl Drop for Binding {
    fn drop(&mut self) {
        // SAFETY: made below, destroyed once; null is allowed.
        unsafe { sys::rd_kafka_AclBinding_destroy(self.0) }
    }
}

type Make = unsafe extern "C" fn(
    Type,
    *const c_char,
    Pattern,
    *const c_char,
    *const c_char,
    Op,
    Permission,
    *mut c_char,
    usize,
) -> *mut sys::rd_kafka_AclBinding_t;

impl Binding {
    fn new(rule: &Rule) -> anyhow::Result<Self> {
        Self::made(sys::rd_kafka_AclBinding_new, rule)
    }

    fn filter(rule: &Rule) -> anyhow::Result<Self> {
        Self::made(sys::rd_kafka_AclBindingFilter_new, rule)
    }

    fn made(make: Make, rule: &Rule) -> anyhow::Result<Self> {
        let kind = RESOURCES.iter().find(|(on, _)| *on == rule.on).context("a resource")?.1;
        let operation =
            OPERATIONS.iter().find(|(op, _)| *op == rule.operation).context("an operation")?.1;
        let pattern = match rule.beyond.prefix {
            true => Pattern::RD_KAFKA_RESOURCE_PATTERN_PREFIXED,
            false => Pattern::RD_KAFKA_RESOURCE_PATTERN_LITERAL,
        };
        let permission = match rule.beyond.denies {
            true => Permission::RD_KAFKA_ACL_PERMISSION_TYPE_DENY,
            false => Permission::RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW,
        };
        let name = CString::new(rule.name.as_str())?;
        let host = CString::new(rule.beyond.host.as_str())?;
        let principal = principal(&rule.user)?;
        // SAFETY: the texts end with NUL and are copied; no room is given for an error's words.
        let binding = unsafe {
            make(
                kind,
                name.as_ptr(),
                pattern,
                principal.as_ptr(),
                host.as_ptr(),
                operation,
                permission,
                ptr::null_mut(),
                0,
            )
        };
        anyhow::ensure!(!binding.is_null(), "{rule}: not a rule");
        Ok(Binding(binding))
    }

    /// Every rule about a user.
    fn every(user: &str) -> anyhow::Result<Self> {
        let principal = principal(user)?;
        // SAFETY: as above; no name and no host mean any.
        let filter = unsafe {
            sys::rd_kafka_AclBindingFilter_new(
                Type::RD_KAFKA_RESOURCE_ANY,
                ptr::null(),
                Pattern::RD_KAFKA_RESOURCE_PATTERN_ANY,
                principal.as_ptr(),
                ptr::null(),
                Op::RD_KAFKA_ACL_OPERATION_ANY,
                Permission::RD_KAFKA_ACL_PERMISSION_TYPE_ANY,
                ptr::null_mut(),
                0,
            )
        };
        anyhow::ensure!(!filter.is_null(), "{user}: not a user");
        Ok(Binding(filter))
    }
}

fn principal(user: &str) -> anyhow::Result<CString> {
    Ok(CString::new(format!("User:{user}"))?)
}

/// A rule of the broker's; none where it is of a kind that is newer than this program.
fn rule(binding: *const sys::rd_kafka_AclBinding_t) -> Option<Rule> {
    // SAFETY: the binding belongs to a result that is alive, and so do its texts.
    unsafe {
        let kind = sys::rd_kafka_AclBinding_restype(binding);
        let operation = sys::rd_kafka_AclBinding_operation(binding);
        let principal = text(sys::rd_kafka_AclBinding_principal(binding));
        Some(Rule {
            user: principal.strip_prefix("User:")?.to_owned(),
            on: RESOURCES.iter().find(|(_, of)| *of == kind)?.0,
            name: text(sys::rd_kafka_AclBinding_name(binding)),
            operation: OPERATIONS.iter().find(|(_, of)| *of == operation)?.0,
            beyond: Beyond {
                prefix: sys::rd_kafka_AclBinding_resource_pattern_type(binding)
                    == Pattern::RD_KAFKA_RESOURCE_PATTERN_PREFIXED,
                host: text(sys::rd_kafka_AclBinding_host(binding)),
                denies: sys::rd_kafka_AclBinding_permission_type(binding)
                    == Permission::RD_KAFKA_ACL_PERMISSION_TYPE_DENY,
            },
        })
    }
}

unsafe fn text(at: *const c_char) -> String {
    // SAFETY: the caller has a text that ends with NUL.
    unsafe { CStr::from_ptr(at) }.to_string_lossy().into_owned()
}

unsafe fn list<'a, T>(at: *mut *const T, count: usize) -> &'a [*const T] {
    if at.is_null() {
        return &[];
    }
    // SAFETY: the caller has a list of so many, which lives as long as its event.
    unsafe { std::slice::from_raw_parts(at, count) }
}

unsafe fn told(error: *const sys::rd_kafka_error_t) -> anyhow::Result<()> {
    if error.is_null() {
        return Ok(());
    }
    // SAFETY: the error belongs to a result that is alive.
    Err(anyhow!("{}", unsafe { text(sys::rd_kafka_error_string(error)) }))
}
