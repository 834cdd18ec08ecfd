#!/bin/sh
# Small building blocks, each of which exists once.
. "${0%/*}/lib.sh"

ok 'numbers as bytes, in both byte orders' 'unit base bytes'
ok 'trimming by character class' 'unit base trim'
ok 'a heap yields its elements in order' 'unit base heap'
ok 'the shuffle is the Fisher-Yates shuffle' 'unit base shuffle'
ok 'looking up fields in the list finds what a scan of the record finds' 'unit base fields'
done_testing
