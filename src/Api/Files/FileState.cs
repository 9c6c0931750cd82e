using System.Security.Cryptography;

namespace GenAI.Chats.Api.Files;

/// <summary>Tells whether files have changed, by what is in them.</summary>
internal sealed class FileState(params IReadOnlyList<string> paths)
{
    private string _seen = Of(paths);

    /// <summary>Whether they have, since this was last asked.</summary>
    public bool HasChanged()
    {
        var now = Of(paths);
        return Interlocked.Exchange(ref _seen, now) != now;
    }

    private static string Of(IReadOnlyList<string> paths)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in paths)
        {
            hash.AppendData(HashOf(path));
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    // A file that cannot be read has changed too.
    private static byte[] HashOf(string path)
    {
        try
        {
            return SHA256.HashData(File.ReadAllBytes(path));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return SHA256.HashData([]);
        }
    }
}
