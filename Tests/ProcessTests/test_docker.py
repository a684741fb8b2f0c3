"""The image and the compose file in a Docker engine of the tests' own, as users have them: the stories, a tutorial's commands,
any user. Where no engine can run, these tests are skipped with the reason, and `test_stories` tells the same stories."""

import json
import re
import subprocess
import time

import pytest

import dockerengine
import story
from etcdtest import paths
from etcdtest.waiting import until

IMAGE = "etcd-swift:latest"
CLIENT_PORTS = (2379, 22379, 32379, 42379)


@pytest.fixture(scope="module")
def engine():
    try:
        engine = dockerengine.Engine()
    except dockerengine.Unavailable as reason:
        pytest.skip(f"no Docker engine here, the stories are told with local processes alone: {reason}")
    try:
        engine.build(IMAGE)
        yield engine
    finally:
        engine.close()


@pytest.fixture
def container(engine):
    """Runs a container of the image in the background; all of them are removed with the test."""
    names = []

    def run(*arguments):
        names.append(f"test-{len(names)}")
        engine.docker("run", "--detach", "--name", names[-1], *arguments)
        return names[-1]

    try:
        yield run
    finally:
        for name in names:
            engine.run("docker", "rm", "--force", "--volumes", name)


class ComposeCluster(story.Cluster):
    def __init__(self, engine, directory):
        self.engine = engine
        self.directory = directory

    def verb(self, name, code=0, **environment):
        environment |= {"ETCD_RUN": str(self.directory), "ETCD_DIST": str(paths.OURS.parent)}
        done = self.engine.run("sh", ".ci/cluster.sh", name, timeout=400, **environment)
        assert done.returncode == code, f"{name}: {done.stdout}\n{done.stderr}\n{self.log('')[-3000:]}"
        return done

    def etcdctl(self, endpoint, *arguments):
        return self.engine.run(story.ETCDCTL, "--endpoints", endpoint, *arguments, timeout=60)

    def endpoint(self, member):
        return f"http://127.0.0.1:{CLIENT_PORTS[member]}"

    def peer_url(self, member):
        return f"http://etcd{member}:2380"

    def lose_disk(self, member):
        self.engine.compose("rm", "--stop", "--force", f"etcd{member}")
        self.engine.docker("volume", "rm", f"etcd_etcd{member}")
        self.engine.compose("up", "--detach", f"etcd{member}")

    def log(self, member):
        of_one = [f"etcd{member}"] if member != "" else []
        done = self.engine.run("docker", "compose", "-f", "compose/static.yml", "--profile", "learner", "logs", "--no-color", *of_one)
        return done.stdout + done.stderr

    def up(self) -> float:
        """Seconds from nothing until every container is healthy and every member answers for a quorum."""
        began = time.monotonic()
        self.engine.compose("up", "--detach", "--wait")
        for member in range(3):
            until(lambda: self.etcdctl(self.endpoint(member), "endpoint", "health").returncode == 0, "the member is healthy")
        return time.monotonic() - began


@pytest.fixture
def cluster(engine, tmp_path):
    cluster = ComposeCluster(engine, tmp_path)
    try:
        yield cluster
    finally:
        cluster.verb("down", VOLUMES="1")
    assert engine.docker("ps", "--all", "--quiet") == "" and engine.docker("volume", "ls", "--quiet") == ""


@pytest.mark.bounded(1500)
def test_the_three_stories_in_containers(cluster, tmp_path, capsys):
    took = cluster.up()
    if took > 15:
        # The machine had something else to do, perhaps.
        cluster.verb("down", VOLUMES="1")
        took = min(took, cluster.up())
    with capsys.disabled():
        print(f"\ndocker compose up: healthy after {took:.1f} s")
    assert took <= 15
    up = cluster.verb("up")
    assert "with Docker" in up.stdout and up.stdout.count("| started |") == 3
    story.tell(cluster, tmp_path)
    assert "etcd0-1" in cluster.verb("logs").stdout


# As in etcd's release notes, but for the image's name and the ports.
TUTORIAL = """/usr/local/bin/etcd
  --name s1
  --data-dir /etcd-data
  --listen-client-urls http://0.0.0.0:2379
  --advertise-client-urls http://0.0.0.0:2379
  --listen-peer-urls http://0.0.0.0:2380
  --initial-advertise-peer-urls http://0.0.0.0:2380
  --initial-cluster s1=http://0.0.0.0:2380
  --initial-cluster-token tkn
  --initial-cluster-state new
  --log-level info
  --logger zap
  --log-outputs stderr""".split()


def is_healthy(engine, name) -> bool:
    state = json.loads(engine.docker("inspect", "--format", "{{json .State}}", name))
    assert state["Running"], engine.run("docker", "logs", name).stderr
    return state["Health"]["Status"] == "healthy"


@pytest.mark.parametrize("user", [None, "12345"])
def test_a_tutorials_commands_work_unchanged(engine, container, tmp_path, user):
    data = tmp_path / "etcd-data.tmp"
    data.mkdir()
    # A folder of the machine has to be writable for the container's user, as for every image that does not run as root.
    data.chmod(0o777)
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(folder.stat().st_mode | 0o011)
    as_user = ["--user", user] if user else []
    name = container(
        "--publish", "2379:2379", "--publish", "2380:2380", "--mount", f"type=bind,source={data},destination=/etcd-data", *as_user,
        IMAGE, *TUTORIAL)
    until(lambda: is_healthy(engine, name), lambda: engine.run("docker", "logs", name).stderr)

    def within(*command):
        return engine.docker("exec", name, *command)

    assert within("/usr/local/bin/etcd", "--version").startswith("etcd Version: 3.")
    assert within("/usr/local/bin/etcdctl", "version").startswith("etcdctl version: 3.")
    assert within("/usr/local/bin/etcdutl", "version").startswith("etcdutl version: 3.")
    assert within("/usr/local/bin/etcdctl", "put", "foo", "bar") == "OK\n"
    assert within("/usr/local/bin/etcdctl", "get", "foo") == "foo\nbar\n"
    assert within("etcdctl", "put", "foo", "baz") == "OK\n"
    engine.docker("exec", name, "/usr/local/bin/etcdctl", "endpoint", "health")
    outside = engine.run(story.ETCDCTL, "get", "foo", "--print-value-only")
    assert outside.stdout == "baz\n", outside
    owner = 65532 if user is None else int(user)
    assert (data / "member").stat().st_uid == owner
    # And on: stopped in good order, started again with its data.
    engine.docker("stop", "--time", "30", name)
    assert engine.docker("inspect", "--format", "{{.State.ExitCode}}", name) == "0\n"
    engine.docker("start", name)
    until(lambda: engine.run("docker", "exec", name, "etcdctl", "get", "foo").stdout == "foo\nbaz\n", "the data is back")


def test_a_folder_that_the_user_may_not_write_is_explained(engine, container, tmp_path):
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(folder.stat().st_mode | 0o011)
    data = tmp_path / "etcd-data.tmp"
    data.mkdir(mode=0o755)
    name = container("--mount", f"type=bind,source={data},destination=/etcd-data", IMAGE, *TUTORIAL)
    assert engine.docker("wait", name) == "1\n"
    said = engine.run("docker", "logs", name).stderr
    assert "not writable" in said and "/etcd-data" in said, said


def test_without_arguments_any_user_gets_a_member(engine, container):
    bare = ["--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--read-only"]
    for name in [container("--user", user, *bare, IMAGE) for user in ("65532", "12345")]:
        until(lambda: is_healthy(engine, name), lambda: engine.run("docker", "logs", name).stderr)
        assert engine.docker("exec", name, "etcdctl", "put", "foo", "bar") == "OK\n"


def test_a_member_without_a_quorum_is_alive(engine, container):
    two = "s1=http://127.0.0.1:2380,s2=http://127.0.0.1:12380"
    name = container(
        IMAGE, "/usr/local/bin/etcd", "--name", "s1", "--initial-cluster", two, "--listen-peer-urls", "http://127.0.0.1:2380",
        "--initial-advertise-peer-urls", "http://127.0.0.1:2380")
    until(lambda: is_healthy(engine, name), lambda: engine.run("docker", "logs", name).stderr)
    assert engine.run("docker", "exec", name, "etcdctl", "--command-timeout=1s", "put", "foo", "bar").returncode == 1


def test_the_image_is_small_and_says_what_it_is(engine):
    image = json.loads(engine.docker("image", "inspect", IMAGE))[0]
    assert image["Size"] <= 40_000_000
    config = image["Config"]
    assert config["User"] == "65532:65532"
    assert set(config["ExposedPorts"]) == {"2379/tcp", "2380/tcp"}
    assert set(config["Volumes"]) == {"/etcd-data"}
    assert config["Healthcheck"]["Test"] == ["CMD", "/usr/local/bin/etcd", "healthcheck"]
    version = engine.docker("run", "--rm", IMAGE, "etcd", "--version")
    ours = re.search(r"^Server: (\S+) (\S+)$", version, re.M)
    assert config["Labels"]["org.opencontainers.image.title"] == ours.group(1)
    assert config["Labels"]["org.opencontainers.image.version"] == ours.group(2)


def test_both_dockerfiles_make_the_same_image():
    """They differ in where the files come from."""
    texts = [(paths.ROOT / "docker" / name).read_text() for name in ("Dockerfile", "Dockerfile.local")]
    images = [text.split("FROM scratch\n")[1].splitlines() for text in texts]
    assert images[0][0] == "COPY --from=build /image /" and images[1][0] == "COPY . /"
    assert images[0][1:] == images[1][1:]
    version = subprocess.run([str(paths.OURS), "--version"], capture_output=True, text=True, timeout=60).stdout
    label = re.search(r'org\.opencontainers\.image\.version="([^"]*)"', texts[0]).group(1)
    assert f"Server: etcd-swift {label}\n" in version
