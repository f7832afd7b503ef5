use shop_events::{UserRegistered, UserRole, UserRoleChanged};
use shop_service::WrongOption;
use shop_testkit::database::Kind;

use super::world::{ADMIN, PASSWORD, World, id, read};

shop_testkit::on_every_database!(
    the_admin_of_the_setting_is_made_once,
    many_instances_that_start_at_once_make_one_admin,
    somebody_who_is_there_becomes_admin_by_the_own_password_alone,
    a_role_that_was_taken_away_is_not_given_back_by_a_restart,
    an_admin_who_cannot_be_is_a_wrong_option,
);

async fn the_admin_of_the_setting_is_made_once(on: Kind) {
    let world = World::open(on).await;
    for _ in 0..3 {
        world.ensure_admin(ADMIN, PASSWORD).await.unwrap();
    }
    // Whoever has changed the password since keeps it.
    world.ensure_admin(ADMIN, "another password than before").await.unwrap();
    let admin = world.sign_in(ADMIN).await;
    world.story(id(&read(&admin.access).1["sub"]), 1).await;
    let told = world.sent::<UserRegistered>();
    assert_eq!((told.len(), told[0].role), (1, UserRole::Admin));
}

async fn many_instances_that_start_at_once_make_one_admin(on: Kind) {
    let world = World::open(on).await;
    let made = (0..4).map(|_| world.ensure_admin(ADMIN, PASSWORD));
    for made in futures::future::join_all(made).await {
        made.unwrap();
    }
    let count = sqlx::query_scalar::<_, i64>("SELECT count FROM admins WHERE id = 1");
    assert_eq!(count.fetch_one(world.reader()).await.unwrap(), 1);
}

async fn somebody_who_is_there_becomes_admin_by_the_own_password_alone(on: Kind) {
    let world = World::open(on).await;
    let user_id = world.register(ADMIN).await;
    let error = world.ensure_admin(ADMIN, "the operator's own password").await.unwrap_err();
    assert!(error.is::<WrongOption>(), "{error}");
    assert!(error.to_string().contains(ADMIN) && !error.to_string().contains("operator's"));
    world.ensure_admin(ADMIN, PASSWORD).await.unwrap();
    assert_eq!(world.story(user_id, 2).await, ["UserRegistered", "UserRoleChanged"]);
    assert_eq!(world.sent::<UserRoleChanged>()[0].changed_by, None);
}

async fn a_role_that_was_taken_away_is_not_given_back_by_a_restart(on: Kind) {
    let world = World::open(on).await;
    let root = world.admin().await;
    let (ada, _) = world.customer("ada@example.com").await;
    world.give_role(&root, ada, "admin").await;
    let ada = world.sign_in("ada@example.com").await;
    let root = id(&read(&root.access).1["sub"]);
    assert_eq!(world.give_role(&ada, root, "customer").await.status, 200);
    world.ensure_admin(ADMIN, PASSWORD).await.unwrap();
    assert_eq!(world.story(root, 2).await, ["UserRegistered", "UserRoleChanged"]);
    // Another address is another admin, also where there are some.
    world.ensure_admin("bob@example.com", PASSWORD).await.unwrap();
    let bob = world.sign_in("bob@example.com").await;
    assert_eq!(read(&bob.access).1["role"], "admin");
}

async fn an_admin_who_cannot_be_is_a_wrong_option(on: Kind) {
    let world = World::open(on).await;
    for (email, password, words) in
        [("root", PASSWORD, "--admin-email"), (ADMIN, "hunter2", "at least 15 characters")]
    {
        let error = world.ensure_admin(email, password).await.unwrap_err();
        assert!(error.is::<WrongOption>() && error.to_string().contains(words), "{error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
