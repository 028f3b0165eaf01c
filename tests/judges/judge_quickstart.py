"""The quick starts of proto/quickstart/, as they are printed, each with the client that it is for."""
import os
import subprocess
import sys

from judge import BUILD, Judge, NodeJudge, ROOT
from quickstart import Story, limit_alerts


class Played(Story):
    is_client = True
    change = staticmethod(limit_alerts)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.play()


class Python(Played, Judge):
    tool, page, packages = "quick start: Python", "python", ("python3-grpcio", "python3-protobuf")


class Shell(Played, Judge):
    tool, page, packages = "quick start: shell", "shell", ("jq",)


class C(Played, Judge):
    tool, page, packages = "quick start: C", "c", ("libjansson-dev",)


class Node(Played, NodeJudge):
    tool, page, module = "quick start: Node", "node", "@grpc/grpc-js"
