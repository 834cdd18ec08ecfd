#!/bin/sh
# opponent.sh - the other player of nim.sh, a tool for models: pipelm-tools(7)
#
# Reads a move, "13-3": three taken from thirteen. Writes what is left after its own
# move, or that the game is won or lost, by the last stone. It plays right half the
# time and otherwise anything: TOOL_SEED is its chance.
read -r move
pile=${move%%-*} take=${move#*-}
case $pile:$take in
[1-9]:[123] | [12][0-9]:[123]) ;;
*) echo lost; exit ;;
esac
left=$((pile - take))
[ $left -ge 0 ] || { echo lost; exit; }
[ $left -gt 0 ] || { echo won; exit; }
x=${TOOL_SEED:-0}
if [ $((x % 2)) = 0 ] && [ $((left % 4)) != 0 ]; then
	mine=$((left % 4))
else
	most=$((left < 3 ? left : 3))
	mine=$((1 + x / 2 % most))
fi
left=$((left - mine))
[ $left -gt 0 ] || { echo lost; exit; }
echo $left
