"""The classroom: hand out, hand in, grade, hand back, beside a JupyterHub.

`hub` sets what a Hub needs, `tryout` opens one on this host; the rest is the classroom
service, which the Hub starts as ``python -m grader.exchange``.
"""
