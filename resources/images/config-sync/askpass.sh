#!/bin/sh
# What git asks for https: the user, where the address names none, and the password, which is the deploy key's file.
case $1 in
  Username*) echo git ;;
  *) exec cat -- "$CONFIG_SYNC_PASSWORD_FILE" ;;
esac
