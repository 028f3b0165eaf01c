"""policy/schema/: what the compiler accepts is valid by the schemas that editors use, and what is plainly wrong is not."""
import copy
import glob
import json
import os
import re
import subprocess
import tempfile
import unittest
import warnings

import jsonschema
import yaml

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
POLICY = os.path.join(ROOT, "policy")
SCHEMAS = os.path.join(POLICY, "schema")
FEDGATECTL = os.path.join(os.environ.get("BUILD", os.path.join(ROOT, "build")), "bin/fedgatectl")
KINDS_OF_FILE = (("set.yaml", "set"), ("vocabulary.yaml", "vocabulary"), ("legal/*.yaml", "legal"),
                 ("inventory/parties.yaml", "parties"), ("inventory/exercises.yaml", "exercises"), ("mou/*.yaml", "memorandum"),
                 ("tests/*.yaml", "tests"))


class Core(yaml.SafeLoader):
    """YAML 1.2's core schema, as editors read it: days and yes are texts."""


Core.yaml_implicit_resolvers = {}
for tag, pattern, first in (("bool", r"^(true|false)$", "tf"), ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
                            ("float", r"^[-+]?[0-9]*\.[0-9]+$", "-+.0123456789"), ("null", r"^(~|null|)$", ["~", "n", ""])):
    Core.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile(pattern), list(first))


def load(text):
    return yaml.load(text, Loader=Core)


def schema(name):
    with open(os.path.join(SCHEMAS, name + ".schema.json")) as f:
        return json.load(f)


def validator(name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        whole = schema(name) if isinstance(name, str) else name
        resolver = jsonschema.RefResolver("schema.json", whole, store={"common.schema.json": schema("common")})
        return jsonschema.Draft202012Validator(whole, resolver=resolver)


def errors(name, document):
    """`name` of a schema, or a schema."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return [f"{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in validator(name).iter_errors(document)]


def files_of(folder):
    for pattern, name in KINDS_OF_FILE:
        for path in sorted(glob.glob(os.path.join(folder, pattern))):
            with open(path) as f:
                yield path, name, f.read()


def examples():
    """The files of policy/LANGUAGE.md's examples."""
    with open(os.path.join(POLICY, "LANGUAGE.md")) as f:
        blocks = re.findall(r"^```\w+ (\S+)\n(.*?)^```", f.read(), flags=re.M | re.S)
    whole = {}
    for path, text in blocks:
        whole[path] = whole.get(path, "") + text
    return whole


class Schemas(unittest.TestCase):
    def test_every_schema_is_one(self):
        for path in glob.glob(os.path.join(SCHEMAS, "*.json")):
            jsonschema.Draft202012Validator.check_schema(schema(os.path.basename(path)[:-len(".schema.json")]))

    def test_the_shipped_set_is_valid_and_names_its_schemas(self):
        count = 0
        for path, name, text in files_of(POLICY):
            self.assertEqual(errors(name, load(text)), [], path)
            named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
            self.assertIsNotNone(named, path)
            target = os.path.normpath(os.path.join(os.path.dirname(path), named[1]))
            self.assertEqual(target, os.path.join(SCHEMAS, name + ".schema.json"))
            count += 1
        self.assertGreaterEqual(count, 9)

    def test_the_examples_of_the_language_are_valid(self):
        with tempfile.TemporaryDirectory() as folder:
            for path, text in examples().items():
                os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
                with open(os.path.join(folder, path), "w") as f:
                    f.write(text)
            for path, name, text in files_of(folder):
                self.assertEqual(errors(name, load(text)), [], path)
            done = subprocess.run([FEDGATECTL, "policy", "check", "--draft", folder], capture_output=True)
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_rules_broken_and_kept_are_written_as_the_schema_wants(self):
        grant = {"$ref": "#/$defs/grant", "$defs": schema("memorandum")["$defs"]}
        paths = glob.glob(os.path.join(ROOT, "tests/policy/law/*.yaml"))
        for path in paths:
            with open(path) as f:
                for one in load(f.read())["grants"]:
                    self.assertEqual(errors(grant, one), [], path)
        self.assertGreaterEqual(len(paths), 50)

    def test_what_is_wrong_is_not_valid(self):
        wrong = (
            ("set", lambda d: d.update(serail=2)),
            ("set", lambda d: d.pop("serial")),
            ("set", lambda d: d.update(serial="one")),
            ("set", lambda d: d["service_area"].update(south_west=[95.0, 127.0])),
            ("vocabulary", lambda d: d["services"].update({"Upper Case": "x"})),
            ("vocabulary", lambda d: d["services"].update({"one": {"en": "x"}})),
            ("legal", lambda d: d["bases"]["kr/pipa/18-2-3"].update(rely="somebody")),
            ("legal", lambda d: d["bases"]["kr/pipa/18-2-3"].pop("verify_by")),
            ("parties", lambda d: d["parties"]["npa-daejeon"].update(role="policeman")),
            ("parties", lambda d: d["parties"]["npa-daejeon"].update(root="../x.pem")),
            ("exercises", lambda d: d["exercises"][0].pop("units")),
            ("exercises", lambda d: d["exercises"][0].update({"from": "soon"})),
            ("memorandum", lambda d: d["grants"][0].update(knid="video")),
            ("memorandum", lambda d: d["grants"][0].update(kind="vidoe")),
            ("memorandum", lambda d: d["grants"][0].pop("destroy")),
            ("memorandum", lambda d: d["grants"][0]["destroy"].update(delay="a while")),
            ("memorandum", lambda d: d["grants"][0].update(when={})),
            ("memorandum", lambda d: d["grants"][0].update(when={"any": [{"any": []}]})),
            ("memorandum", lambda d: d["grants"][0].update(transform={"gap": {"mask": "all", "coarsen": {"grid": "5 m"}}})),
            ("memorandum", lambda d: d["in_force"].pop("until")),
            ("tests", lambda d: d["tests"][0].pop("test")),
            ("tests", lambda d: d["defaults"]["message"].update(knid="video")),
            ("tests", lambda d: d["tests"][0].update(expect="allowed")),
        )
        first = {}
        for _, name, text in files_of(POLICY):
            document = load(text)
            if name != "legal" or "bases" in document:
                first.setdefault(name, document)
        for i, (name, change) in enumerate(wrong):
            document = copy.deepcopy(first[name])
            change(document)
            self.assertNotEqual(errors(name, document), [], f"{name}, {i}")


if __name__ == "__main__":
    unittest.main()
