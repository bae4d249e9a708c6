//! bootstrap.sh and the user data, run for real on a scratch machine.
//!
//! Needs what every Linux has: bash, coreutils, grep, tar, gzip, flock.
#![cfg(feature = "stack")]
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "../support/catalog.rs"]
mod catalog;
mod machine;
mod server;

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::process::Stdio;

use machine::{
    CONFLUENT, CONFLUENT_HOME, JAR, KAFKA, KAFKA_HOME, Machine, PREFIX_PATH, UNIT, said,
};
use server::Fault;

#[test]
fn the_first_run_installs_all_and_the_second_touches_nothing() {
    let machine = Machine::new();
    fs::write(machine.path("home/ec2-user/.bashrc"), "alias ll='ls -l'").unwrap();
    let said = machine.runs();
    assert!(
        said.contains("the REST proxy was restarted") && said.ends_with("all is in place\n"),
        "{said}"
    );
    assert_eq!(
        machine.server.requests(),
        [
            KAFKA.to_owned(),
            format!("{KAFKA}.sha512"),
            JAR.to_owned(),
            CONFLUENT.to_owned()
        ]
    );
    let notes = machine.notes();
    assert_eq!(
        notes,
        [
            "dnf --assumeyes --quiet install java-1.8.0-amazon-corretto tar gzip",
            "systemctl daemon-reload",
            "systemctl enable --quiet kafka-rest.service",
            "systemctl restart kafka-rest.service",
            "kafka-topics localhost:9098 --list",
            "kafka-topics localhost:9098 --create --if-not-exists --topic me.pin",
            "kafka-topics localhost:9098 --create --if-not-exists --topic me.geo",
        ]
    );

    let jar = machine.path(&format!("{KAFKA_HOME}/libs/aws-msk-iam-auth-1.1.5-all.jar"));
    let jar = jar.display();
    assert_eq!(
        machine.text("home/ec2-user/.bashrc"),
        format!("alias ll='ls -l'\nexport CLASSPATH={jar} # by pinfra\n")
    );
    let rest = format!("{CONFLUENT_HOME}/etc/kafka-rest/kafka-rest.properties");
    assert!(
        machine
            .text(&rest)
            .contains("bootstrap.servers=localhost:9098\n")
    );
    let client = machine.path(&format!("{KAFKA_HOME}/bin/client.properties"));
    assert_eq!(
        client.metadata().unwrap().permissions().mode() & 0o777,
        0o600
    );
    let unit = machine.text(UNIT);
    let start = machine.path(&format!("{CONFLUENT_HOME}/bin/kafka-rest-start"));
    let start = format!(
        "ExecStart={} {}\n",
        start.display(),
        machine.path(&rest).display()
    );
    assert!(
        unit.contains(&start) && unit.contains("\nUser=ec2-user\n"),
        "{unit}"
    );
    assert!(
        unit.contains("Environment=JAVA_HOME=/usr/lib/jvm/corretto-8/jre\n"),
        "{unit}"
    );
    assert!(
        unit.contains(&format!("Environment=CLASSPATH={jar}\n")),
        "{unit}"
    );

    let inode = |name: &str| machine.path(name).metadata().unwrap().ino();
    let inodes = || {
        [
            UNIT,
            &rest,
            "home/ec2-user/.bashrc",
            "var/lib/pinfra/kafka-rest.started",
            "var/lib/pinfra/topics.wanted",
        ]
        .map(inode)
    };
    let (before, written) = (machine.tree(), inodes());
    assert_eq!(machine.runs(), "bootstrap: all is in place\n");
    assert_eq!(machine.server.requests(), Vec::<String>::new());
    assert_eq!(machine.notes(), Vec::<String>::new());
    assert_eq!(machine.tree(), before);
    assert_eq!(inodes(), written);
}

#[test]
fn topics_are_looked_for_when_others_are_wanted_and_once_a_day() {
    let machine = Machine::new();
    machine.runs();
    machine.notes();
    machine.render("localhost:9098", "topics: [me.pin, me.user]");
    machine.runs();
    let list = "kafka-topics localhost:9098 --list";
    let create = "kafka-topics localhost:9098 --create --if-not-exists --topic me.user";
    assert_eq!(machine.notes(), [list, create]);
    machine.runs();
    assert_eq!(machine.notes(), Vec::<String>::new());
    let wanted = fs::File::open(machine.path("var/lib/pinfra/topics.wanted")).unwrap();
    let yesterday = std::time::SystemTime::now() - std::time::Duration::from_secs(25 * 3600);
    wanted.set_modified(yesterday).unwrap();
    machine.runs();
    assert_eq!(machine.notes(), [list]);
    machine.runs();
    assert_eq!(machine.notes(), Vec::<String>::new());
}

#[test]
fn new_brokers_restart_the_proxy_once() {
    let machine = Machine::new();
    machine.runs();
    assert_eq!(machine.restarts(), 1);
    machine.render("b-1.new:9098,b-2.new:9098", "");
    machine.runs();
    assert_eq!(machine.restarts(), 1);
    let rest = format!("{CONFLUENT_HOME}/etc/kafka-rest/kafka-rest.properties");
    assert!(
        machine
            .text(&rest)
            .contains("bootstrap.servers=b-1.new:9098,b-2.new:9098\n")
    );
    machine.runs();
    assert_eq!(machine.restarts(), 0);
    assert_eq!(
        machine.server.requests().len(),
        4,
        "nothing was downloaded again"
    );

    // The files are new, the restart fails: it is made up for, once.
    machine.render("b-9.new:9098", "");
    fs::write(machine.beside("broken"), "").unwrap();
    assert!(
        machine
            .fails()
            .contains("the REST proxy does not start: journalctl -u kafka-rest")
    );
    fs::remove_file(machine.beside("broken")).unwrap();
    machine.restarts();
    machine.runs();
    machine.runs();
    assert_eq!(machine.restarts(), 1);

    // One that is down is started.
    fs::remove_file(machine.beside("active")).unwrap();
    machine.runs();
    assert!(
        machine
            .notes()
            .contains(&"systemctl start kafka-rest.service".to_owned())
    );
}

#[test]
fn a_damaged_download_is_refused_and_the_next_good_one_taken() {
    let parts = [
        (KAFKA, KAFKA_HOME.to_owned()),
        (
            JAR,
            format!("{KAFKA_HOME}/libs/aws-msk-iam-auth-1.1.5-all.jar"),
        ),
        (CONFLUENT, CONFLUENT_HOME.to_owned()),
    ];
    for (path, installed) in parts {
        let machine = Machine::new();
        machine.server.order(path, &[Fault::Damaged]);
        let error = machine.fails();
        let url = machine.server.url(path);
        assert!(
            error.contains(&format!(
                "error: {url} is damaged or not what it was: its sha"
            )),
            "{error}"
        );
        assert!(error.contains("nothing of it was installed"), "{error}");
        assert!(!machine.path(&installed).exists());
        assert!(!machine.path("home/ec2-user/.pinfra-staging").exists());
        assert_eq!(machine.restarts(), 0);
        machine.runs();
        assert!(machine.path(&installed).exists());
        assert_eq!(machine.restarts(), 1);
    }
}

#[test]
fn without_a_checksum_a_damaged_archive_is_refused_by_unpacking() {
    let machine = Machine::new();
    machine.render(
        "localhost:9098",
        &format!("iam_auth_sha256: {}", "0".repeat(64)),
    );
    assert!(machine.fails().contains("and should be 0000000000"));
    // Published beside the file, or not at all.
    machine.render(
        "localhost:9098",
        "iam_auth_version: 1.1.5, kafka_sha512: null, confluent_sha256: null",
    );
    machine.server.order(CONFLUENT, &[Fault::Damaged]);
    // The jar is not that of Maven Central, whose checksum the script has.
    assert!(machine.fails().contains("should be ef21705509d82b5b"));
    machine.render(
        "localhost:9098",
        "iam_auth_version: 1.1.6, confluent_sha256: null",
    );
    assert!(
        machine
            .fails()
            .contains("cannot unpack confluent.tar.gz; nothing of it was installed")
    );
    assert!(!machine.path(CONFLUENT_HOME).exists());
    assert!(machine.server.requests().contains(&format!("{JAR}.sha256")));
    let said = machine.runs();
    assert!(
        said.contains("no checksum is known of http://") && said.contains("all is in place"),
        "{said}"
    );
}

#[test]
fn a_new_version_of_the_login_module_takes_the_place_of_the_old() {
    let machine = Machine::new();
    machine.runs();
    machine.render(
        "localhost:9098",
        "iam_auth_version: 1.1.6, confluent_sha256: null",
    );
    machine.runs();
    let libs = fs::read_dir(machine.path(&format!("{KAFKA_HOME}/libs"))).unwrap();
    let mut libs: Vec<_> = libs.map(|entry| entry.unwrap().file_name()).collect();
    libs.sort();
    assert_eq!(
        libs,
        ["aws-msk-iam-auth-1.1.6-all.jar", "kafka-clients-2.8.1.jar"]
    );
    assert!(
        machine
            .text("home/ec2-user/.bashrc")
            .ends_with("-1.1.6-all.jar # by pinfra\n")
    );
    assert_eq!(machine.text("home/ec2-user/.bashrc").lines().count(), 1);
    assert_eq!(machine.restarts(), 2);
}

/// Where the package is but a shell of others, what they put on the path counts.
#[test]
fn java_is_found_on_the_path_too() {
    let machine = Machine::new();
    fs::write(machine.beside("split"), "").unwrap();
    let home = machine.beside("jvm/corretto-8/jre");
    fs::create_dir_all(home.join("bin")).unwrap();
    fs::write(home.join("bin/java"), "").unwrap();
    let mode = fs::Permissions::from_mode(0o755);
    fs::set_permissions(home.join("bin/java"), mode).unwrap();
    std::os::unix::fs::symlink(home.join("bin/java"), machine.beside("bin/java")).unwrap();
    machine.render("localhost:9098", "topics: []");
    machine.runs();
    let line = format!("Environment=JAVA_HOME={}\n", home.display());
    assert!(machine.text(UNIT).contains(&line), "{}", machine.text(UNIT));
}

#[test]
fn a_download_that_fails_twice_is_got_the_third_time() {
    let machine = Machine::new();
    machine.server.order(KAFKA, &[Fault::Fails, Fault::Breaks]);
    let said = machine.runs();
    assert!(said.contains("attempt 2 of 5 failed"), "{said}");
    let requests = machine.server.requests();
    assert_eq!(requests.iter().filter(|path| *path == KAFKA).count(), 3);

    let machine = Machine::new();
    machine.server.order(CONFLUENT, &[Fault::Fails; 5]);
    let error = machine.fails();
    let url = machine.server.url(CONFLUENT);
    assert!(
        error.contains(&format!(
            "cannot download {url}; nothing of it was installed"
        )),
        "{error}"
    );
    assert!(!machine.path(CONFLUENT_HOME).exists());
    machine.runs();
}

#[test]
fn a_run_that_was_killed_while_downloading_blocks_nothing() {
    let machine = Machine::new();
    machine.server.order(KAFKA, &[Fault::Hangs]);
    let mut run = machine.bootstrap().stdout(Stdio::null()).spawn().unwrap();
    machine.server.wait_until_one_hangs();
    // The script alone: its curl lives on, and must not keep the lock.
    run.kill().unwrap();
    run.wait().unwrap();
    assert!(!machine.path(KAFKA_HOME).exists());
    machine.runs();
    assert_eq!(machine.restarts(), 1);
    machine.server.go_on();
}

/// Kills a run at each command that changes something: the next one ends as if nothing had been.
/// Every fifth of them, or all with `PINFRA_SWEEP=all`.
#[test]
fn a_run_that_was_killed_anywhere_is_finished_by_the_next() {
    let unhurt = Machine::new();
    unhurt.runs();
    let wanted = unhurt.tree();
    let all = std::env::var_os("PINFRA_SWEEP").is_some_and(|sweep| sweep == "all");
    let mut killed = 0;
    for at in (1..).step_by(if all { 1 } else { 5 }) {
        let machine = Machine::new();
        let first = machine
            .bootstrap()
            .env("DIES_AT", at.to_string())
            .output()
            .unwrap();
        if first.status.success() {
            break;
        }
        killed += 1;
        assert_eq!(first.status.code(), None, "killed at call {at}: {first:?}");
        machine.runs();
        assert_eq!(machine.tree(), wanted, "killed at call {at}");
        assert!((1..=2).contains(&machine.restarts()), "killed at call {at}");
        assert_eq!(
            machine.runs(),
            "bootstrap: all is in place\n",
            "killed at call {at}"
        );
    }
    assert!(
        killed >= if all { 40 } else { 8 },
        "only {killed} runs were killed"
    );
}

#[test]
fn what_is_missing_is_said_before_anything_is_done() {
    let machine = Machine::new();
    fs::remove_file(machine.beside("files/client.properties")).unwrap();
    assert!(machine.fails().contains("there is no "));
    machine.render("localhost:9098", "user: somebody");
    assert!(
        machine
            .fails()
            .contains("home/somebody: the inputs `user` and `home` name it")
    );
    machine.render(
        "localhost:9098",
        &format!("topic_prefix: {}", "a".repeat(248)),
    );
    assert!(machine.fails().contains("cannot name a topic"));
    assert_eq!(machine.notes(), Vec::<String>::new());
    machine.render(
        "localhost:9098",
        "topic_prefix: x., partitions: 3, replication: 2",
    );
    fs::create_dir_all(machine.path(KAFKA_HOME)).unwrap();
    assert!(
        machine
            .fails()
            .contains("is there but has no bin/kafka-topics.sh: move it away")
    );
    fs::remove_dir(machine.path(KAFKA_HOME)).unwrap();
    machine.runs();
    let notes = machine.notes();
    let options = "--topic x.me.geo --partitions 3 --replication-factor 2";
    assert!(
        notes.iter().any(|note| note.ends_with(options)),
        "{notes:?}"
    );
}

#[test]
fn the_instance_pulls_its_files_at_boot_and_on_a_timer() {
    let machine = Machine::new();
    let bucket = machine.beside("bucket/demo-bucket").join(PREFIX_PATH);
    fs::create_dir_all(&bucket).unwrap();
    let boot = machine
        .command(&machine.beside("files/user-data.sh"))
        .output()
        .unwrap();
    assert!(boot.status.success(), "{boot:?}");
    assert_eq!(
        machine.notes(),
        [
            "systemctl daemon-reload",
            "systemctl enable --now pinfra-client.timer"
        ]
    );
    let service = machine.text("etc/systemd/system/pinfra-client.service");
    assert!(
        service.contains("\nExecStart=/usr/local/sbin/pinfra-pull\n"),
        "{service}"
    );
    let timer = machine.text("etc/systemd/system/pinfra-client.timer");
    assert!(
        timer.contains("\nOnBootSec=0\nOnUnitInactiveSec=5min\n"),
        "{timer}"
    );

    let pull = || {
        machine
            .command(&machine.path("usr/local/sbin/pinfra-pull"))
            .output()
            .unwrap()
    };
    let upload =
        |name: &str| fs::copy(machine.beside("files").join(name), bucket.join(name)).unwrap();
    upload("bootstrap.sh");
    upload("client.properties");
    let early = pull();
    assert_eq!(early.status.code(), Some(1));
    assert!(
        said(&early)
            .contains("kafka-rest.properties; nothing was changed, the timer will try again")
    );
    assert!(!machine.path(KAFKA_HOME).exists());
    upload("kafka-rest.properties");
    for restarts in [1, 0] {
        machine.notes();
        let done = pull();
        assert!(done.status.success(), "{done:?}");
        assert_eq!(machine.restarts(), restarts);
        assert!(!machine.path("var/lib/pinfra/pulled").exists());
    }
    machine.render("b-1.new:9098", "");
    for name in ["bootstrap.sh", "client.properties", "kafka-rest.properties"] {
        upload(name);
    }
    for restarts in [1, 0] {
        assert!(pull().status.success());
        assert_eq!(machine.restarts(), restarts);
    }
    assert!(!machine.beside("owned").exists());
}
