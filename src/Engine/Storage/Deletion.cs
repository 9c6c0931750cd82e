namespace GenAI.Chats.Engine.Storage;

/// <summary>What came of a deletion.</summary>
internal enum Deletion
{
    /// <summary>There was no such chat.</summary>
    NotFound,

    /// <summary>The chat is deleted.</summary>
    Done,

    /// <summary>The same request has deleted the chat before. A chat that was created since stays.</summary>
    DoneBefore,
}
