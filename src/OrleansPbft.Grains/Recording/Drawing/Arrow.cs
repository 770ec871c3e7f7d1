namespace OrleansPbft.Grains.Recording.Drawing;

/// <summary>One arrow, with times in microseconds since 1970; 0 where one is not known.</summary>
internal readonly record struct Arrow(string Kind, int From, int To, long Sent, long Arrived, string? Mark, string? Note);
