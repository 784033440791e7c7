"""The record of every change that a command or a setting made: who changed what, and the state before and after."""
