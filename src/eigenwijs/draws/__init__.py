"""Shortage without a race: rounds in which money is drawn by lot, so that nobody has to be quick.

Words: a *round* divides one pot of one payer; a *ticket* is one person's place in it; a *group* has
a weight or a reserved share that was agreed beforehand; a *class* is a group and how often its
tickets drew bad luck before; a *place* is won money that waits for its winner's yes.

Promises: one ticket a person, whatever the channel and however often they come; when they come
changes nothing; anyone can recompute the winners from the published files; with a public beacon
not even the operator can steer; won money is on the winner's learning account once they say yes,
and goes down the reserve list when they do not.

Rooms above call it for the pages of workers, operators and the public.
"""
