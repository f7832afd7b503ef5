//! An audit that finds nothing is worth as much as what it would have found.

use journeys::audit;

#[tokio::test]
async fn the_audit_finds_each_fault_that_is_put_into_good_books() -> anyhow::Result<()> {
    for program in ["selfcheck.py", "selfcheck_outside.py"] {
        eprintln!("{}", audit::python(program, &[]).await?);
    }
    Ok(())
}
