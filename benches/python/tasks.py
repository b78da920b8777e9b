"""The tasks of benches/python. They are in a module of their own, so that every kind of worker can import them."""

import os
import random
import time


def lists(task):
    """Appends random numbers to a list, as step 05 does, and returns one number that depends on all of them."""
    seed, numbers = task
    random_numbers = random.Random(seed)
    result = []
    for _ in range(numbers):
        result.append(random_numbers.random())
    return sum(result)


def same(number):
    return number


def first_byte(block):
    return block[0]


def each(task, inputs):
    """A chunk, for executors that have none."""
    return [task(x) for x in inputs]


def nap(number):
    time.sleep(0.1)
    return number


def crash(number):
    nap(number)
    if number == 3:
        os.abort()
    return number


def hang(number):
    nap(number)
    if number == 3:
        time.sleep(3600)
    return number
