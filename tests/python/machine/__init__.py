"""A machine that drives the whole public surface of varimix through random sequences of calls.

It is a hypothesis ``RuleBasedStateMachine``. Beside every state of a fit it keeps a plain record
of what that state was fed (``oracle``), and after every call it compares (``checks``). ``surface``
and ``sources`` list once what may be called, with which rules, families and sources; ``hostile``
tells what rows may look like; ``user_rules`` has update rules that misbehave.

Run it
------
``scripts/machine SECONDS [SEED]`` runs it for so long, and goes on after a failure;
``tests/python/test_machine.py`` runs it for half a minute with a fixed seed, and ends at the first
failure.
Both start ``python -X faulthandler -m machine`` as a process of its own, so that one that is killed
by a signal is a finding and not the end of the test.

Reproduce a failure
-------------------
Every block of examples has a seed, and every failure prints ``scripts/machine 300 SEED``: that line
runs the same block first, shrinks what fails in it and prints the sequence of calls. Every call is
written, before it is made, to the log of its block (``build/machine/SEED.log``). The log is all
that is left of a process that died: its last lines, from the last ``example`` on, are the sequence
that killed it. A recipe in it, such as ``Rows(n=5, seed=3, spoil=('one_1e200',))``, gives the rows
again: ``recipe.build(model)``.

Look past a failure
-------------------
``VARIMIX_MACHINE_SKIP=name,...`` leaves out everything of these names: a claim (the word before
the colon of a failure), a spoil of rows, weights or times, a rule, a source, or a step.
``VARIMIX_MACHINE_ONLY=name,...`` takes these steps alone.
"""
