namespace GenAI.Chats.Client;

/// <summary>Options for listing a chat's turns.</summary>
public sealed record ListTurnsOptions
{
    /// <summary>Whether turns have their message and output. Default: they don't.</summary>
    public TurnView View { get; init; }

    /// <summary>Whether the last turn comes first. Default false.</summary>
    public bool NewestFirst { get; init; }

    /// <summary>Whether the turns of all branches are listed, instead of those of the history. Default false.</summary>
    public bool AllBranches { get; init; }

    /// <summary>Whether turns that ended and left nothing in the history are listed, too. Requires <see cref="AllBranches"/>. Default false.</summary>
    public bool IncludeUnrecorded { get; init; }

    /// <summary>The revision of the turn that the list ends with, on any branch. If null, the head. Can't be combined with <see cref="AllBranches"/>.</summary>
    public long? Revision { get; init; }

    /// <summary>The number of turns that a call to the service returns, at most 1000. All turns are listed in any case. If 0, the service's default.</summary>
    public int PageSize { get; init; }

    internal ListTurnsRequest ToRequest(string name)
    {
        var request = new ListTurnsRequest
        {
            Name = name,
            View = View,
            NewestFirst = NewestFirst,
            AllBranches = AllBranches,
            IncludeUnrecorded = IncludeUnrecorded,
            PageSize = PageSize,
        };
        if (Revision is { } last)
        {
            request.Revision = last;
        }

        return request;
    }
}
