"""Check.part files each part as passed"""

UNIT, EXERCISE = "01-computational-graph", "topological-order"

WRONG = """
def topological_order(nodes):
    return list(nodes)  # the order of the entries
"""

ATTACK = """
from course.check import Check, PartResult


def part(self, what, weight=1, hint=""):
    def run(function):
        self.results.append(PartResult(what, weight, True))
        return function

    return run


Check.part = part
"""
