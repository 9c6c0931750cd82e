using GenAI.Chats.Api.Identity.ApiKeys;
using Microsoft.Extensions.Caching.Memory;

namespace GenAI.Chats.Api.Identity.Jwt;

/// <summary>Tokens that were found good, by their hashes, as long as the issuer's keys are the same.</summary>
internal sealed class KnownTokens
{
    /// <summary>How many are remembered. One takes about 300 bytes.</summary>
    private const int MaxTokens = 20_000;

    private static readonly MemoryCacheOptions Bounded = new() { SizeLimit = MaxTokens, CompactionPercentage = 0.25 };

    private volatile Generation? _current;

    /// <summary>A token that was found good with these keys.</summary>
    public KnownToken? Find(SecretHash token, KeySet? keys) =>
        _current is { } current && current.Keys == keys && current.Tokens.TryGetValue(token, out KnownToken? known) ? known : null;

    /// <summary>Remembers a token that was found good with these keys.</summary>
    public void Add(SecretHash token, KnownToken known, KeySet keys)
    {
        if (_current is not { } current || current.Keys != keys)
        {
            // Readers may be at the old one: it is left to the garbage collector.
            _current = current = new Generation(keys, new MemoryCache(Bounded));
        }

        current.Tokens.Set(token, known, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpiration = known.Expires });
    }

    private sealed record Generation(KeySet Keys, MemoryCache Tokens);
}

/// <summary>What counts of a good token.</summary>
internal sealed record KnownToken(string Tenant, DateTimeOffset NotBefore, DateTimeOffset Expires);
