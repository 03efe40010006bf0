//! One run from its first event to its verdict: rough weather first, then the calm in which everything has to end.

use std::io;
use std::rc::Rc;
use std::time::Duration;

use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::task::spawn_local;
use tokio::time::{Instant, sleep};

use crate::audit::Reader;
use crate::judge::{Summary, judge};
use crate::plant::Plant;
use crate::process::starts_without_stdout;
use crate::profile::Profile;
use crate::promise::Promise;
use crate::proxy::Proxy;
use crate::random::Random;
use crate::scenario::{self, Way};
use crate::sinks::{Behaviour, instances_in};
use crate::weather::GRACE;
use crate::wire::{self, response};
use crate::world::World;

/// Instances of the function at one time.
const INSTANCES: usize = 3;
/// Deliveries under way at one time.
const AT_ONCE: usize = 24;
/// For how long it stays rough after the last event.
const AFTERMATH: Duration = Duration::from_secs(3);
/// The longest that the calm may take.
const CALM: Duration = Duration::from_secs(45);

/// What is to be run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order {
    pub(crate) seed: u64,
    pub(crate) profile: Profile,
    pub(crate) events: u64,
    pub(crate) plant: Option<Plant>,
}

/// Runs it to its end, on a runtime of its own.
pub(crate) fn run(order: Order) -> io::Result<Summary> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    tokio::task::LocalSet::new().block_on(&runtime, play(order))
}

async fn play(order: Order) -> io::Result<Summary> {
    let plant = order.plant.map_or(0, |plant| plant as u64 + 1);
    let run = format!("s{}p{}x{plant}", order.seed, order.profile as u8);
    let world = World::start(&run, order.seed, order.profile, order.plant).await?;
    let started = Instant::now();
    takes_tasks(&world).await?;
    if order.profile == Profile::Stdout {
        let proxy = Proxy::start(&world, Random::seeded(order.seed)).await?;
        if starts_without_stdout(&world.config, &proxy, order.plant).await? {
            world.broken.add(Promise::StartsOnlyWithStdout, "it serves");
        }
    }
    for _ in 0..INSTANCES {
        world.add_process().await;
    }
    let pumps = [spawn_local(pump(Rc::clone(&world))), spawn_local(Rc::clone(&world).replaces_the_ended())];
    let weather = spawn_local(Rc::clone(&world).spoils());
    let running_clock = spawn_local(runs_ahead(Rc::clone(&world)));
    happens(&world, order.events).await?;
    sleep(AFTERMATH).await;
    world.is_rough.set(false);
    weather.await?;
    running_clock.await?;
    calms_down(&world).await?;
    ends(&world).await?;
    pumps.iter().for_each(tokio::task::JoinHandle::abort);
    stops(&world).await;
    judge(&world, order, started.elapsed()).await
}

/// Listens for the cloud's queue: what falls due is the platform's to deliver.
async fn takes_tasks(world: &Rc<World>) -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let loses = world.plant == Some(Plant::TasksThrownAway);
    world.cloud.delivers_to(listener.local_addr()?.port(), loses).await?;
    let world = Rc::downgrade(world);
    spawn_local(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let Some(world) = world.upgrade() else { return };
            spawn_local(async move {
                let (from, mut to) = stream.split();
                let mut from = BufReader::new(from);
                while let Ok(Some(message)) = wire::read(&mut from).await {
                    falls_due(&world, message.body);
                    if to.write_all(&response(200, "x-fc-status: 200\r\n", "")).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    Ok(())
}

fn falls_due(world: &World, body: Vec<u8>) {
    world.count("tasks");
    let instances = instances_in(&String::from_utf8_lossy(&body));
    let task = world.add_item(Way::Task, body, instances, String::new());
    let mut chance = Random::of(world.seed, &[6, task.number]);
    if world.is_rough.get() && chance.chance(100) {
        world.push(&task, chance.ms(0, 2000));
        world.count("tasks doubled");
    }
    world.push(&task, chance.ms(0, if world.is_rough.get() { 1500 } else { 100 }));
}

/// Delivers what is due, in no order.
async fn pump(world: Rc<World>) {
    let mut chance = Random::of(world.seed, &[7]);
    loop {
        sleep(Duration::from_millis(5)).await;
        let now = Instant::now();
        let under_way = world.flights.borrow().iter().filter(|flight| flight.given_up.is_none()).count();
        for _ in under_way..AT_ONCE {
            let item = {
                let mut queue = world.queue.borrow_mut();
                let due: Vec<usize> = (0..queue.len()).filter(|at| queue[*at].0 <= now).collect();
                if due.is_empty() {
                    break;
                }
                queue.swap_remove(chance.pick(&due)).1
            };
            spawn_local(Rc::clone(&world).deliver(item));
            tokio::task::yield_now().await;
        }
    }
}

/// Everything that happens in the world, by the seed alone.
async fn happens(world: &Rc<World>, events: u64) -> io::Result<()> {
    let mut chance = Random::of(world.seed, &[8]);
    let exempts = world.profile.reads_first();
    let now = world.clock.now();
    for number in 0..events {
        let item = Rc::new(scenario::event(&world.run, number, exempts, now, &mut chance));
        world.items.borrow_mut().push(item);
    }
    let items: Vec<_> = world.items.borrow().iter().map(Rc::clone).collect();
    world.cloud.put("instances", scenario::listed(&items, &mut chance)).await?;
    for item in items {
        world.push(&item, Duration::ZERO);
        let is_doubled = chance.chance(100) && !item.instances.iter().any(|one| scenario::is_doubtful(one));
        if is_doubled {
            world.push(&item, chance.ms(0, 2000));
            world.count("events doubled");
        }
        sleep(chance.ms(10, 120)).await;
    }
    Ok(())
}

/// A second is a minute, so that what waits comes back soon.
async fn runs_ahead(world: Rc<World>) {
    while world.is_rough.get() {
        sleep(Duration::from_secs(1)).await;
        if world.step_clock(60).await.is_err() {
            world.count("clock not moved");
        }
    }
}

/// Everything works again.
async fn calms_down(world: &Rc<World>) -> io::Result<()> {
    world.cloud.forget("faults").await?;
    world.sinks.iter().for_each(|sink| sink.behaviour.set(Behaviour::Takes));
    let processes: Vec<_> = world.processes.borrow().iter().map(Rc::clone).collect();
    for process in processes.iter().filter(|process| !process.has_ended()) {
        process.proxy.cuts.set(0);
        process.signal("CONT");
        process.clock.wrong_by.set(0);
        process.clock.follow(&world.clock)?;
        if process.audit.reader() == Reader::Gone {
            world.replaces(process).await;
        }
        process.audit.let_reader_be(Reader::Eager);
    }
    Ok(())
}

/// Waits until nothing is left to deliver, and lets time pass for what waits in the queue.
async fn ends(world: &World) -> io::Result<()> {
    let end = Instant::now() + CALM;
    while Instant::now() < end {
        sleep(Duration::from_millis(50)).await;
        let is_idle =
            world.queue.borrow().is_empty() && world.flights.borrow().iter().all(|flight| flight.given_up.is_some());
        if !is_idle {
            continue;
        }
        match world.cloud.next_due().await? {
            Some(due) => world.step_clock((due - world.clock.now().as_second()).max(1)).await?,
            None if world.queue.borrow().is_empty() => return Ok(()),
            None => {}
        }
    }
    world.count("runs that did not come to rest");
    Ok(())
}

/// Stops every process as a platform does, and reads what each has left.
async fn stops(world: &World) {
    let processes: Vec<_> = world.processes.borrow().iter().map(Rc::clone).collect();
    for process in &processes {
        process.is_closing.set(true);
        process.signal("TERM");
    }
    let end = Instant::now() + GRACE;
    for process in &processes {
        if !process.ends_within(end.saturating_duration_since(Instant::now())).await {
            world.broken.add(Promise::EndsWhenTold, format!("process {} in the calm", process.number));
        }
        process.kill().await;
    }
}
