"""Persons, organisations, employments, roles, and the log of who looked at what.

One file per person, whatever their status. A payroll row makes an employment on a file that nobody
has claimed; the worker claims it with a one-time code and a birth date. A second file joins the
first only by the worker's own claim, and both histories stay. Nothing is matched by likeness.

Words: a *person* is a file; a *user* is the login that opens it; a *claim code* opens a file once;
a *code list* is a paper list of one-time codes to sign in with; a *look* is one time that somebody
saw another person's data.

Rooms above call `operations`, `queries`, `access` and use `types`; nothing else is public.
"""
