using GenAI.Chats.V1;

namespace GenAI.Chats.SystemTests.Crash;

/// <summary>A turn that was acknowledged.</summary>
internal sealed record MixedTurn(int Number, string TurnId, string Text, BusyPolicy OnBusy)
{
    /// <summary>The revision of the turn that it must follow. Null: the head's.</summary>
    public long? After { get; init; }

    /// <summary>Whether its cancellation was acknowledged.</summary>
    public bool IsCancelled { get; set; }
}

/// <summary>A rewind that was acknowledged.</summary>
/// <param name="Revision">The chat's revision after it.</param>
/// <param name="Head">The revision of the new head.</param>
internal sealed record MixedRewind(long Revision, long Head);

/// <summary>A fork, and the history that its source had.</summary>
internal sealed record MixedFork(string Name, List<(string Role, string Text)> History)
{
    /// <summary>Checks that the fork is whole, and goes on.</summary>
    public async Task CheckAsync(V1.Chats.ChatsClient client)
    {
        Assert.Equal(History, await ChatChecker.HistoryAsync(client, Name, curated: false));
        await client.SendMessageAsync(new SendMessageRequest { Name = Name, Text = "more" });
        Assert.Equal([.. History, ("user", "more"), ("model", "more")], await ChatChecker.HistoryAsync(client, Name, curated: false));
    }
}
