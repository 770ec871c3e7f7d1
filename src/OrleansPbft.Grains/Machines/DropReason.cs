namespace OrleansPbft.Grains.Machines;

/// <summary>Why an envelope was dropped before it was opened.</summary>
internal enum DropReason : byte
{
    /// <summary>Too much of the same origin waits already.</summary>
    NoRoom = 0,

    /// <summary>Its origin was parted with for what it had sent before.</summary>
    Forgotten,

    /// <summary>It was handed on by none of those who may.</summary>
    UnknownOrigin,

    /// <summary>This replica has stopped for good.</summary>
    Halted,

    /// <summary>This replica is made to look crashed.</summary>
    Crashed,
}
