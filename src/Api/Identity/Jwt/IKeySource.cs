using GenAI.Chats.Api.Files;

namespace GenAI.Chats.Api.Identity.Jwt;

/// <summary>Where the issuer's keys come from.</summary>
internal interface IKeySource : IReloadable
{
    /// <summary>The keys.</summary>
    /// <param name="wanted">A key id; where the set does not have it, it may be read again.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The set; null: it has never been read.</returns>
    ValueTask<KeySet?> GetAsync(string? wanted, CancellationToken cancellationToken);
}
