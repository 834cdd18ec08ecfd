#!/bin/sh
# Small parts that everything stands on, each of which exists once.
. "${0%/*}/lib.sh"

ok 'numbers in bytes, of both orders' 'unit base bytes'
ok 'trimming, by class of character' 'unit base trim'
ok 'elements leave a heap in order' 'unit base heap'
ok 'a shuffle is that of Fisher and Yates' 'unit base shuffle'
ok 'fields of a record are found in its list as by walking it' 'unit base fields'
done_testing
