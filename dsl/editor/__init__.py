"""What an editor shows and offers while a contract is written: pure functions of its text, one room for each service."""
