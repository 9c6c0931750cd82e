namespace Orleans.Serialization;

public class SerializerException : Exception
{
    public SerializerException()
    {
    }

    public SerializerException(string message) : base(message)
    {
    }

    public SerializerException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

/// <summary>A value of a type that cannot cross a grain boundary was on its way across one.</summary>
public sealed class CodecNotFoundException(string message) : SerializerException(message);
