/// Stands for whatever a game does with what an article's program has given it.
func use<each Value>(_ value: repeat each Value) {}
