# scope-errors.py: errors in three ways of calling, and what nobody handles, from Python
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import gi

gi.require_version("Au", "1")

from gi.repository import Au, GLib



def faulty_function(call, arguments, *user_data):
    call.return_error(GLib.Error("Oh no!", "au-error-quark", int(Au.Error.FAILED)))


tamed = Au.Tamed.new(Au.Function.new_async("faulty", "()", None, Au.FunctionFlags.NONE, faulty_function))


def open_scope():
    return Au.Scope.new(Au.ScopeExitMode.WAIT, Au.ScopeErrorMode.CANCEL)


loop = GLib.MainLoop()


def done(tamed, result):
    try:
        tamed.call_finish(result)
    except GLib.Error:
        print("async: Actually, I'm good.")
    loop.quit()


tamed.call_async(None, None, done)
loop.run()

try:
    tamed.call_sync(None, None)
except GLib.Error:
    print("sync: Actually, I'm good.")

# An error that somebody has waited for is not told again.
scope = open_scope()
result = tamed.call_in_scope(scope, None)
try:
    result.block(-1, None)
except GLib.Error:
    print("scope: Actually, I'm good.")
scope.close(None)
print("closed: well")

# And what nobody has waited for is.
scope = open_scope()
result = tamed.call_in_scope(scope, None)
try:
    scope.close(None)
except GLib.Error as error:
    print(f"closed: {error.message}")
    for i in range(scope.get_n_errors()):
        print(f"  {scope.dup_error(i).message}")
