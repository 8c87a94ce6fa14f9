"""What each study's report says, and which figures it shows: one room for each command."""
