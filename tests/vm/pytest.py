import sys
p = [x for x in sys.path if not x.endswith("tests/vm")]
saved = sys.path
sys.path = ["/usr/lib/python3/dist-packages"] + p
del sys.modules["pytest"]
import pytest as real
sys.path = saved + ["/usr/lib/python3/dist-packages"]
sys.modules["pytest"] = real
