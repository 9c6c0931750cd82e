namespace GenAI.Chats.Api.Reloading;

/// <summary>The content of files, to detect changes.</summary>
internal sealed class FileState(params IReadOnlyList<string> paths)
{
    private string _seen = Of(paths);

    /// <summary>Indicates whether the files have changed since the previous call.</summary>
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

    // A file that can't be read has changed, too.
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
