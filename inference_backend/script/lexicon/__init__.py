"""The data of the built-in performer: words, actions, emotions, modifiers, sounds."""
